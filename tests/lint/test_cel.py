"""Rules: what they mean in Python, in SQL, and in Google's own implementation of CEL."""

from __future__ import annotations

import datetime as dt
import random
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from tests.lint.cel_samples import COLUMNS, ORDER, record, rule

from tallystick.contracts.cel import CelError, Unsupported, compile_rule, holds, to_sql
from tallystick.contracts.cel.patterns import portable
from tallystick.contracts.cel.types import TIMESTAMP, CelType, exact

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from tallystick.contracts.cel import Checked

_EVENT = CelType(
    kind="record",
    members=lambda: {"at": TIMESTAMP, "seen_at": TIMESTAMP, "wide": exact(30, 8), "raw": CelType(kind="bytes")},
)


def _blamed(text: str, this: CelType = ORDER) -> tuple[str, str]:
    """The error of a rule, and the words that it blames."""
    with pytest.raises(CelError) as caught:
        compile_rule(text, this)
    return str(caught.value), text[caught.value.start : caught.value.end]


@pytest.mark.parametrize(
    ("text", "told", "blamed"),
    [
        ("this.ttal > 0", "there is no field `ttal`: did you mean `total`?", "ttal"),
        ("total > 0", "`total` is a field: write this.total", "total"),
        ("this.total = 3", "`=` is no operator: write ==", "="),
        ("this.is_gift and true", "`and` is no operator: write &&", "and"),
        ("this.total", "a rule must be true or false, and this is decimal", "this.total"),
        ("size(this.note) < 5", "`this.note` may be null here: write this.note == null || ...", "this.note"),
        ("this.note != null || size(this.note) < 5", "`this.note` may be null here", "this.note"),
        ("this.state == 'PIAD'", '"PIAD" is no symbol of State: did you mean `PAID`?', "'PIAD'"),
        ("this.code > 3", "string cannot be compared with int", "this.code > 3"),
        ("this.code.startWith('a')", "did you mean `startsWith`?", "this.code.startWith('a')"),
        ("size(this.code, 3) > 1", "`size` takes 1 arguments, not 2", "size(this.code, 3)"),
        ("this.code.matches('[')", "engines differ on `[`", "'['"),
        ("this.item_count > 9223372036854775808", "beyond 64 bits", "9223372036854775808"),
        ("duration('1x') > duration('1s')", "is no length of time in whole microseconds: write", "'1x'"),
        ("duration('1ns') > duration('1s')", "in whole microseconds", "'1ns'"),
        ("this.placed_at + this.placed_at == this.placed_at", "`+` is not for", "this.placed_at + this.placed_at"),
        ("this.placed_at - 3600 > this.placed_at", "is for numbers, not for timestamp", "this.placed_at - 3600"),
        ("this.code.exists(x, true)", "looks at a list or at the keys of a map, not at string", "this.code"),
        ("this.item_count / 0 > 1", "a division by 0 has no result", "0"),
        ("'abc", "this string does not end", "'"),
        ("", "expected a value; the expression ends here", ""),
        ("(" * 200 + "true" + ")" * 200, "nested too deep", "("),
    ],
)
def test_a_wrong_rule_is_refused_with_the_words_to_blame(text: str, told: str, blamed: str) -> None:
    message, words = _blamed(text)

    assert told in message
    assert words == blamed


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("has(this.note)", "compare it with null instead, as in this.note != null"),
        ("this.code.lowerAscii() == 'eur'", "an extension that not every CEL has: use matches"),
        ("this.placed_at.getHours() < 8", "compare times, or their difference with a length"),
        ("duration('1h') + duration('1h') > duration('1h')", "are compared, not added"),
        ("this.lines.exists_one(l, this.lines[1].is_gift)", "may have no value"),
        ("this.lines.filter(l, this.visits + 1 > 0).all(l, true)", "may have no value"),
        ("string(this.item_count) == '1'", "engines write numbers differently"),
        ("this.lines.map(l, l.sku) == []", "`map` is not supported"),
        ("this.ratio * 2.0 > 1.0", "rounds differently"),
        ("this.code.matches('(?i)eur')", "engines differ on `(?i`"),
        ("this.code.matches('(a)\\\\1')", "engines differ"),
        ("this.code.matches(this.state)", "must be a constant"),
        ("this.item_count / -1 > 0", "overflows in SQL"),
    ],
)
def test_what_sql_cannot_say_alike_is_refused_with_the_reason(text: str, told: str) -> None:
    with pytest.raises(Unsupported) as caught:
        compile_rule(text, ORDER)

    assert told in str(caught.value)


def test_a_product_with_too_many_digits_would_be_rounded_and_is_refused() -> None:
    with pytest.raises(Unsupported, match="this can have 76 digits, and SQL rounds at 38"):
        compile_rule("this.wide * this.wide > 0", _EVENT)


@pytest.mark.parametrize(
    ("text", "sql"),
    [
        ("this.total >= 0", "coalesce((total >= 0), false)"),
        ("this.total >= 0.01", "coalesce((total >= 0.01BD), false)"),
        (
            "this.note == null || size(this.note) <= 500",
            "coalesce(((note IS NULL) OR (char_length(note) <= 500)), false)",
        ),
        ("this.note == this.code", "coalesce((note <=> code), false)"),
        ("this.code == 'it\\'s \\\\'", "coalesce((code = 'it\\'s \\\\'), false)"),
        ("this.code.matches('^[A-Z]{3}$')", "coalesce((code RLIKE '^[A-Z]{3}\\\\z'), false)"),
        (
            "this.lines.all(l, l.quantity > 0)",
            "coalesce(forall(lines, l -> (l.quantity > 0)), false)",
        ),
        ("this.state in ['PAID', 'SENT']", "coalesce((state IN ('PAID', 'SENT')), false)"),
        (
            "this.paid_at == null || this.paid_at - this.placed_at <= duration('1h30m')",
            (
                "coalesce(((paid_at IS NULL) OR "
                "((unix_micros(paid_at) - unix_micros(placed_at)) <= 5400000000L)), false)"
            ),
        ),
        ("this.labels.all(k, size(k) < 9)", "coalesce(forall(map_keys(labels), k -> (char_length(k) < 9)), false)"),
        ("this.lines.exists_one(l, l.is_gift)", "coalesce((size(filter(lines, l -> l.is_gift)) = 1), false)"),
        ("this.item_count + 1 > 0", "coalesce((try_add(cast(item_count AS bigint), cast(1 AS bigint)) > 0), false)"),
    ],
)
def test_a_rule_is_written_in_sql_as_a_person_would(text: str, sql: str) -> None:
    assert to_sql(compile_rule(text, ORDER)) == sql


def test_sql_of_a_rule_can_stand_behind_a_prefix_and_quotes_odd_names() -> None:
    odd = CelType(kind="record", members=lambda: {"Order": exact(9, 2)})

    assert to_sql(compile_rule("this.Order > 0", odd), prefix="payload.") == "coalesce((payload.`Order` > 0), false)"


def test_a_part_without_value_matters_only_where_the_answer_hangs_on_it() -> None:
    values: dict[str, Any] = {**record(random.Random(1)), "labels": {}, "item_count": 1}

    assert holds(compile_rule("this.labels['x'] == 'y' || this.item_count == 1", ORDER), values)
    assert not holds(compile_rule("this.labels['x'] == 'y' && this.item_count == 1", ORDER), values)
    assert not holds(compile_rule("!(this.labels['x'] == 'y')", ORDER), values)
    assert not holds(compile_rule("this.visits + this.visits > 0", ORDER), {**values, "visits": 2**63 - 1})


def test_times_and_decimals_are_compared_exactly() -> None:
    moment = dt.datetime(2026, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=1)))
    rule_ = compile_rule("this.at < timestamp('2026-01-01T00:00:00Z') && this.at <= this.seen_at", _EVENT)

    assert holds(rule_, {"at": moment, "seen_at": moment})
    assert "TIMESTAMP '2026-01-01 00:00:00+00:00'" in to_sql(rule_)
    assert not holds(compile_rule("this.wide == 0.1", _EVENT), {"wide": Decimal("0.10000000000000001")})


def test_a_day_has_24_hours_whatever_clocks_do() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    before, after = (dt.datetime(2026, 3, day, 12, tzinfo=berlin) for day in (28, 29))  # one hour of that night is gone
    values = {"at": before, "seen_at": after}

    assert holds(compile_rule("this.seen_at - this.at == duration('23h')", _EVENT), values)
    assert holds(compile_rule("this.at + duration('23h') == this.seen_at", _EVENT), values)


def test_a_time_beyond_the_calendar_is_no_time() -> None:
    last = dt.datetime.max.replace(tzinfo=dt.UTC)
    values = {"at": last, "seen_at": last}

    assert not holds(compile_rule("this.at + duration('1us') > this.at", _EVENT), values)
    assert not holds(compile_rule("!(this.at + duration('1us') > this.at)", _EVENT), values)
    assert holds(compile_rule("this.at + duration('0s') == this.seen_at", _EVENT), values)


@pytest.mark.parametrize("pattern", ["a$", "^.$", r"\s+", "[a-z]{2,3}?", "(?:a|b)*", r"\.", "[^,]+"])
def test_a_portable_pattern_is_a_pattern_of_python(pattern: str) -> None:
    assert portable(pattern)


def _plain(value: Any) -> Any:  # noqa: ANN401 -- JSON
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, dt.datetime):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value


def _with_times_as_texts(text: str) -> str:
    """Google's library takes no times from Python: they come as texts, and the rule makes times of them."""
    return re.sub(r"this\.(placed_at|paid_at)(?! [!=]= null)", r"timestamp(this.\1)", text)


def _is_beyond_google(values: dict[str, Any]) -> bool:
    """Whether two times are further apart than 64 bits of nanoseconds: there Google's code overflows, not CEL."""
    paid, placed = values["paid_at"], values["placed_at"]
    return paid is not None and abs(paid - placed) > dt.timedelta(days=106_751)


def _rules(source: random.Random, count: int) -> list[tuple[str, Checked]]:
    found: list[tuple[str, Checked]] = []
    while len(found) < count:
        text = rule(source)
        try:
            found.append((text, compile_rule(text, ORDER)))
        except CelError as error:
            assert "may be null here" in str(error), text  # noqa: PT017 -- the only reason that a sample may have
    return found


@pytest.mark.parametrize("seed", range(3))
def test_python_answers_as_googles_implementation(seed: int) -> None:
    cel = pytest.importorskip("cel_expr_python.cel")
    environment = cel.NewEnv(variables={"this": cel.Type.DYN})
    source = random.Random(seed)
    different = []
    answers = set()
    for text, compiled in _rules(source, 300):
        expression = environment.compile(_with_times_as_texts(text))
        for _ in range(3):
            values = record(source)
            if "this.paid_at - this.placed_at" in text and _is_beyond_google(values):
                continue
            # An error of CEL is a rule that does not hold.
            theirs = expression.eval(data={"this": _plain(values)}).value() is True
            ours = holds(compiled, values)
            answers.add(ours)
            if ours is not theirs:
                different.append((text, values, ours, theirs))
    assert different == []
    assert answers == {True, False}


@pytest.mark.spark
@pytest.mark.slow
def test_spark_answers_as_python(spark: SparkSession) -> None:
    from pyspark.sql import functions

    source = random.Random(7)
    values = [record(source) for _ in range(50)]
    frame = spark.createDataFrame(values, schema=COLUMNS).cache()
    rules = _rules(source, 75)
    different = []
    for start in range(0, len(rules), 25):
        part = rules[start : start + 25]
        columns = [functions.expr(to_sql(compiled)).alias(f"r{index}") for index, (_, compiled) in enumerate(part)]
        for row, each in zip(frame.select(*columns).collect(), values, strict=True):
            different += [
                (text, to_sql(compiled), each, row[index])
                for index, (text, compiled) in enumerate(part)
                if row[index] is not holds(compiled, each)
            ]
    assert different == []
