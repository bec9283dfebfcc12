"""What a killed run has left half written goes; what a living one writes stays."""

import os
import subprocess
import sys

from opsbook.run.leftovers import clear_leftovers


def test_half_written_files_of_the_dead_go_and_all_others_stay(tmp_path):
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    gone = {".0_intake.ipynb", f".report.html.{ended.pid}", f".sums.npz.{ended.pid}"}
    stay = {f".run.json.{os.getpid()}", ".hidden", "report.html", "1_trigger.ipynb", "a.1"}
    for name in gone | stay:
        (tmp_path / name).touch()
    clear_leftovers(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == stay


def test_a_folder_that_is_not_there_has_none(tmp_path):
    clear_leftovers(tmp_path / "nowhere")
