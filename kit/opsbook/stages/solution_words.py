"""What the stage says: its headline, its findings, and what they cannot tell."""

from __future__ import annotations

from collections.abc import Iterator

from opsbook.results import Caution, Finding
from opsbook.results.plan import PlanView
from opsbook.results.scoring import Surety
from opsbook.results.solutions import Choice, SolutionsResult
from opsbook.text import MONEY, Quantity, Statement, Term, say, term

UNPROVEN = {"refuted": term("refuted"), "untested": term("untested")}
VERDICT = {
    "clear": term("clear"),
    "leaning": term("leaning"),
    "toss_up": term("toss-up"),
}


def headline(choice: Choice) -> Statement:
    """The answer in one sentence."""
    names = choice.final_titles
    if not choice.final:
        if choice.decision:
            return say("Decided by {who}: nothing is done.", who=choice.decision.who)
        return say("Nothing can be done: no option passes its gates and fits the means.")
    if choice.decision:
        return say("Decided by {who}: {options}.", who=choice.decision.who, options=names)
    if choice.budget is None and choice.budget_person_weeks is None:
        return say("Best together: {options}.", options=names)
    return say("Best within the budget: {options}.", options=names)


def findings(result: SolutionsResult) -> tuple[Finding, ...]:
    """What a decision can rest on: judgements, so never more than evidence grade E."""
    found = [*_first(result), *_knocked_out(result), *_worth(result), *_chosen(result)]
    return tuple(found)


#: From here on an option is more likely to lose money than not.
EVEN = 0.5


def cautions(result: SolutionsResult) -> tuple[Caution, ...]:
    """What is thin, and what would settle it."""
    return (
        *_about_scores(result),
        *_about_causes(result),
        *_about_choice(result),
        *_about_risks(result),
        *_about_plan(result.plan),
    )


def share(value: float) -> Quantity | Term:
    """A share without decimals, as draws and guesses deserve; never a bare 0% or 100%."""
    if value < 0.005:
        return term("less than 1%")
    if value > 0.995:
        return term("more than 99%")
    return Quantity(value=value, unit="share", digits=0)


def rounded(money: float) -> float:
    """Money to three figures, as guesses deserve.

    Examples:
        >>> rounded(13_058_637.0)
        13100000.0
    """
    return float(f"{money:.3g}")


def still_first(surety: Surety) -> Statement:
    """How surely the winner wins, as one sentence."""
    if surety.ordered:
        return say(
            "{option} is still first under {share} of the weightings that keep the stated order, "
            "and under {any} of all weightings: {verdict}.",
            verdict=VERDICT[surety.verdict],
            option=surety.best,
            share=share(surety.share),
            any=share(surety.share_any_weights),
        )
    return say(
        "{option} is still first under {share} of all weightings: {verdict}.",
        verdict=VERDICT[surety.verdict],
        option=surety.best,
        share=share(surety.share),
    )


def _first(result: SolutionsResult) -> Iterator[Finding]:
    scores, surety = result.scores, result.surety
    if scores is None or not scores.rows:
        return
    winners = [row.title for row in scores.rows if row.rank == 1]
    yield Finding(
        id="first",
        statement=say(
            "First of {n} by weighted score: {option} with {score} of 100 points.",
            n=Quantity(value=len(scores.rows), unit="count"),
            option=tuple(winners),
            score=Quantity(value=scores.rows[0].score, digits=0),
        ),
        grade="E",
    )
    if surety is not None:
        yield Finding(id="surety", statement=still_first(surety), grade="E")


def _knocked_out(result: SolutionsResult) -> Iterator[Finding]:
    for row in result.gates.rows if result.gates else ():
        for i, gate in enumerate(row.shut):
            yield Finding(
                id=f"gate_{row.id}_{i}",
                statement=say("Knocked out: {option} ({gate}).", option=row.title, gate=gate.gate),
            )


def _worth(result: SolutionsResult) -> Iterator[Finding]:
    money, choice = result.money, result.choice
    if money is None or choice is None:
        return
    unit = MONEY + money.currency
    for row in money.options or ():
        if row.id in choice.final and row.net_present_value is not None:
            yield Finding(
                id=f"money_{row.id}",
                statement=say(
                    "{option} over {years} years: net present value {value} "
                    "(90% of draws {low} to {high}), chance of a loss {chance}.",
                    option=row.title,
                    years=Quantity(value=money.years or 0, unit="count"),
                    value=Quantity(value=rounded(row.net_present_value), unit=unit),
                    low=Quantity(value=rounded(row.p5 or 0.0), unit=unit),
                    high=Quantity(value=rounded(row.p95 or 0.0), unit=unit),
                    chance=share(row.probability_of_loss or 0.0),
                ),
                grade="E",
            )


def _chosen(result: SolutionsResult) -> Iterator[Finding]:
    choice = result.choice
    if choice is not None and choice.chosen:
        yield Finding(
            id="choice",
            statement=say(
                "Best by the figures: {options}, for {cost} and {weeks} person-weeks.",
                options=choice.titles,
                cost=choice.cost,
                weeks=Quantity(value=choice.person_weeks),
            ),
        )


def _about_scores(result: SolutionsResult) -> Iterator[Caution]:
    scores, surety = result.scores, result.surety
    if scores is None:
        return
    if scores.illustrative:
        yield Caution(
            id="illustrative",
            statement=say("The scores are illustrative: nobody has judged these options."),
            settles=say("Let the people who know score each option."),
        )
    if scores.contradictions:
        yield Caution(
            id="inconsistent",
            statement=say(
                "The pairwise judgements contradict each other: consistency ratio {ratio}, "
                "over 0.10.",
                ratio=Quantity(value=scores.consistency_ratio or 0.0, digits=3),
            ),
            settles=say("Look again at the judgements listed under the scores."),
        )
    dissent = [check for check in scores.checks if not check.same_winner]
    if dissent:
        yield Caution(
            id="methods_differ",
            statement=say(
                "Ranking methods that name another winner: {n} of {all}.",
                n=Quantity(value=len(dissent), unit="count"),
                all=Quantity(value=len(scores.checks), unit="count"),
            ),
            settles=say("Talk about the criteria on which the two options differ most."),
        )
    missing = sorted({name for row in scores.rows for cell in row.cells for name in cell.missing})
    if missing:
        yield Caution(
            id="raters_missing",
            statement=say("Raters who left scores blank: {names}.", names=tuple(missing)),
            settles=say("Ask them; a blank counts as missing, never as zero."),
        )
    if surety is not None and surety.verdict != "clear":
        yield _toss_up(surety)
    if surety is not None and not surety.guessed:
        yield Caution(
            id="no_spans",
            statement=say("All scores are given without low and high, as if they were certain."),
            settles=say("Give low, most likely and high, or let several raters score."),
        )


def _toss_up(surety: Surety) -> Caution:
    settles = say("Agree on the weights, or take the cheaper one and pilot it.")
    if surety.knowing:
        guess = surety.knowing[0]
        settles = say(
            "Find out first: {criterion} of {option}; knowing it changes the choice with "
            "probability {chance}.",
            criterion=guess.criterion,
            option=guess.option,
            chance=share(guess.flips),
        )
    return Caution(
        id="not_clear", statement=say("The order of the options is not clear."), settles=settles
    )


def _about_causes(result: SolutionsResult) -> Iterator[Caution]:
    gates, choice = result.gates, result.choice
    if gates is None or choice is None:
        return
    for row in gates.rows:
        if row.id in choice.final and row.cause_status in UNPROVEN:
            yield Caution(
                id=f"unproven_{row.id}",
                statement=say(
                    "{option} addresses a cause that is {status}.",
                    option=row.title,
                    status=UNPROVEN[row.cause_status],
                ),
                settles=say("Prove the cause first, or pilot with a rollback condition."),
            )
    for i, claim in enumerate(gates.causes_without_option):
        yield Caution(
            id=f"no_option_{i}",
            statement=say("No option addresses the confirmed cause: {claim}", claim=claim),
            settles=say("Look for one that does, or write down why the cause may stay."),
        )
    if gates.options_without_cause:
        yield Caution(
            id="no_cause",
            statement=say(
                "Options that name no root cause: {options}.",
                options=gates.options_without_cause,
            ),
            settles=say("Name the why that each removes, or ask what it is for."),
        )


def _about_choice(result: SolutionsResult) -> Iterator[Caution]:
    gates, choice = result.gates, result.choice
    if gates is None or choice is None:
        return
    for row in gates.rows:
        if row.id in choice.final and row.shut:
            yield Caution(
                id=f"decided_shut_{row.id}",
                statement=say("{option} is decided though a gate is shut.", option=row.title),
                settles=say("Open the gate first, or decide again."),
            )
        if row.id in choice.final and row.unanswered:
            yield Caution(
                id=f"open_{row.id}",
                statement=say(
                    "{option}: gates that nobody has answered: {n}.",
                    option=row.title,
                    n=Quantity(value=len(row.unanswered), unit="count"),
                ),
                settles=say("Answer them before it starts."),
            )
    for line in result.money.options or () if result.money else ():
        if line.id in choice.final and (line.probability_of_loss or 0.0) > EVEN:
            yield Caution(
                id=f"loses_{line.id}",
                statement=say(
                    "{option} rather loses money than brings any: chance of a loss {chance}.",
                    option=line.title,
                    chance=share(line.probability_of_loss or 0.0),
                ),
                settles=say("Leave it out, or write down what else it is for."),
            )
    for i, reason in enumerate(choice.left_out):
        yield Caution(id=f"left_out_{i}", statement=reason)
    decision = choice.decision
    if decision is not None and not decision.agrees:
        yield Caution(
            id="decision_differs",
            statement=say("People decided otherwise than the scores: {why}", why=decision.why),
        )


def _about_risks(result: SolutionsResult) -> Iterator[Caution]:
    choice = result.choice
    if result.risks is None or choice is None:
        return
    for i, row in enumerate(result.risks.rows):
        if row.option in choice.final_titles and row.priority == "high" and row.gaps:
            yield Caution(
                id=f"risk_{i}",
                statement=say("A risk of high priority is not covered yet: {risk}", risk=row.title),
                settles=say("Give it an indicator, a threshold, a plan and an owner."),
            )
        if row.option in choice.final_titles and row.warning:
            yield Caution(
                id=f"warning_{i}",
                statement=say("The indicator of a risk warns now: {risk}", risk=row.title),
                settles=say("Carry out its plan: {plan}", plan=row.plan or "–"),
            )


def _about_plan(plan: PlanView | None) -> Iterator[Caution]:
    if plan is None:
        return
    pilot = plan.pilot
    if pilot is not None and pilot.enough is False:
        yield Caution(
            id="pilot_too_short",
            statement=say(
                "The planned pilot would miss the forecast effect with probability {miss}.",
                miss=share(1 - (pilot.power_of_plan or 0.0)),
            ),
            settles=say(
                "Let it run {days} days.",
                days=Quantity(value=pilot.days_needed or 0, unit="count"),
            ),
        )
    if pilot is not None and not pilot.rollback:
        yield Caution(
            id="no_rollback",
            statement=say("The pilot has no rollback condition."),
            settles=say("Write down at which figure everything is taken back."),
        )
    early = [step.title for step in plan.steps if step.early > 0]
    if early:
        yield Caution(
            id="too_early",
            statement=say(
                "Planned to start before what they wait for is done: {tasks}.",
                tasks=tuple(early),
            ),
            settles=say("The dates shown here are the earliest possible ones."),
        )
    late = [step.title for step in plan.steps if step.late]
    if late:
        yield Caution(
            id="late",
            statement=say("Overdue tasks: {tasks}.", tasks=tuple(late)),
            settles=say("Agree new dates with their owners, or drop them."),
        )
