"""SQLTransformer's functions of numbers, decimals, dates and time stamps."""

from pyspark.ml.feature import SQLTransformer
from pyspark.ml.regression import LinearRegression

from tools.golden.cases.case import Case
from tools.golden.cases.preparation import assembled

_NUMBERS = {
    "rounded": "round(user_liked_share, 2)",
    "rounded_half_even": "bround(item_mean_rating, 1)",
    "tens": "round(hour, -1)",
    "half": "hour * 0.5",
    "mixed": "(hour * 0.1 + weekday * 0.25) / 3",
    "part": "hour div 5",
    "wrapped": "pmod(hour - 12, 5)",
    "bits": "log(2, item_likes + 1)",
    "not_three": "nvl(nullif(hour, 3), -1)",
    "either": "coalesce(nullif(item_likes, 0.0), weekday, 2.5)",
    "more": "greatest(hour, weekday * 1.5)",
    "less": "least(item_likes, user_ratings, 3)",
    "share": "nvl(try_divide(item_likes, hour), -1)",
    "money": "cast(item_mean_rating as decimal(6, 3)) * 1.19",
    "low": "floor(item_likes * 10)",
    "high": "ceil(item_mean_rating, 1)",
    "angle": "atan2(item_likes, user_ratings) + degrees(item_likes) + hypot(item_likes, hour)",
    "known": "CASE WHEN hour IN (1, 2, 3) THEN 1.5 WHEN item_likes BETWEEN 0.5 AND 2 THEN 2 ELSE 0 END",
    "power": "pow(item_likes, 1.5) + sqrt(abs(item_likes - hour)) + signum(item_likes - 2) + cbrt(hour)",
    "finite": "nanvl(item_likes, -1.0)",
    "number": "coalesce(try_cast(device AS DOUBLE), 0)",
    "whole": "coalesce(try_cast(device AS INT), -1)",
    "flag": "CASE WHEN try_cast(device AS BOOLEAN) THEN 1 ELSE 0 END",
    "decimal": "coalesce(try_cast(device AS DECIMAL(8, 2)), -1)",
    "narrow": "coalesce(try_cast(item_likes * 1000 AS SMALLINT), -1)",
}
_DATES = {
    "hour": "hour(to_timestamp(at))",
    "minute": "minute(at) + second(at)",
    "year": "year(since)",
    "month": "month(to_date(since)) + quarter(since)",
    "days": "dayofmonth(since) + 100 * dayofyear(since) + dayofweek(since) + 10 * weekday(since)",
    "week": "weekofyear(since)",
    "age": "datediff(at, since)",
    "months": "months_between(at, since)",
    "later": "datediff(add_months(to_date(since), user_id), date_add(since, 3))",
    "end": "datediff(last_day(since), trunc(since, 'week'))",
    "start": "datediff(since, trunc(since, 'quarter')) + unix_date(date_sub(since, 1))",
    "hours": "timestampdiff(HOUR, to_timestamp(since), to_timestamp(at))",
    "seconds": "unix_timestamp(to_timestamp(at)) / 1000",
    "fraction": "cast(to_timestamp(at) AS DOUBLE) - cast(cast(to_date(since) AS TIMESTAMP) AS BIGINT)",
    "recent": "CASE WHEN to_date(at) > DATE'2000-06-01' THEN 1 ELSE 0 END",
    "cut": "unix_timestamp(date_trunc('hour', at)) - unix_timestamp(date_trunc('month', at))",
    "whole_day": "unix_timestamp(date_trunc('day', at)) + unix_timestamp(date_trunc('week', at))",
    "tolerant": "coalesce(year(try_to_date(at)), 0)",
}
_PATTERNS = {
    "day": "cast(try_to_date(since, 'yyyy-MM-dd') AS STRING)",
    "loose": "cast(try_to_date(since, 'y-M-d') AS STRING)",
    "century": "cast(try_to_date(since, 'yy-MM-dd') AS STRING)",
    "month": "cast(try_to_date(since, 'yyyy-MM') AS STRING)",
    "named": "cast(try_to_date(since, 'd MMM yyyy') AS STRING)",
    "at": "unix_timestamp(try_to_timestamp(at, 'yyyy-MM-dd HH:mm:ss'))",
    "fraction": "cast(try_to_timestamp(at, 'yyyy-MM-dd HH:mm:ss.SSS') AS DOUBLE)",
    "quoted": """cast(try_to_timestamp(at, "yyyy-MM-dd'T'HH:mm") AS DOUBLE)""",
    "digits": "cast(try_to_timestamp(replace(at, '-', ''), 'yyyyMMdd[ HH:mm:ss]') AS DOUBLE)",
    "time": "cast(try_to_timestamp(at, 'HH:mm') AS DOUBLE)",
    "written": "date_format(try_to_timestamp(at, 'yyyy-MM-dd[ HH:mm:ss[.SSS]]'), 'dd.MM.yyyy HH:mm:ss.SSS')",
    "english": "date_format(try_to_timestamp(at, 'yyyy-MM-dd[ HH:mm:ss[.SSS]]'), 'EEE, d MMM yy h:mm a')",
    "long": """date_format(try_to_timestamp(at, 'yyyy-MM-dd[ HH:mm:ss[.SSS]]'), "EEEE, 'day' D 'of' y (MMMM)")""",
    "first": "unix_timestamp(since, 'yyyy-MM-dd') - to_unix_timestamp('1970-01-02', 'yyyy-MM-dd')",
    "strict": "cast(to_timestamp(since, 'yyyy-MM-dd') AS DOUBLE)",
}


def selected(expressions: dict[str, str]) -> SQLTransformer:
    columns = ", ".join(f"{expression} AS o_{name}" for name, expression in expressions.items())
    return SQLTransformer(statement=f"SELECT *, {columns} FROM __THIS__")


_TIMES = {
    "at": [
        "2000-02-29 10:11:12", "1999-12-31 23:59:59.9", "1999-12-31 23:59:59.123456", "2001-03-04T05:06", "23:59",
        "2001-02-29 00:00:00", "2001-03-04 24:00:00", "2001-03-04", "2001-3-4 5:6:7", "12345-01-01 00:00:00", "noon",
        "", " 2001-01-01 10:11:12", "0001-01-01 00:00:00", "1969-12-31 23:59:59.5", "2001-01-01 00:00:00",
        "+300000-01-01 00:00:00",
    ],
    "since": [
        "2000-1-1", "2000-01", "69-07-20", "1969-07-20", "3 jul 2004", "31 Feb 2004", "0099-01-01", "2000-02-30",
        "+2001-05-06", "1582-10-15", "-0044-03-15", "2000-01-01 ", "x",
        "300000-01-01", "+300000-01-01",
    ],
}  # fmt: skip


def cases() -> tuple[Case, ...]:
    return (
        Case(
            "sql_numbers",
            "events",
            ("hour", "weekday", "device", "user_ratings", "user_liked_share", "item_likes", "item_mean_rating"),
            [selected(_NUMBERS), assembled(tuple(f"o_{n}" for n in _NUMBERS), "keep"), LinearRegression(regParam=0.1)],
            complete=True,
            sample=30,
            edges={
                "device": [
                    "12", "1.5", " 7 ", "-3.", ".5", "1e3", "NaN", "-inf", "1d", "true", "N", "99999999999", "+4",
                    "0x1p3",
                ],
                "hour": [-7, 2**31 - 1, -(2**31)],
                "item_mean_rating": [0.125, 2.345, -0.05, 999.9995, 1e15],
                "user_liked_share": [0.005, 0.015, -0.125],
            },
        ),
        Case(
            "sql_patterns",
            "ratings",
            ("at", "since"),
            [selected({name: text for name, text in _PATTERNS.items() if name not in ("first", "strict")})],
            label=None,
            sample=30,
            edges=_TIMES,
            since="4.1",  # `try_to_date`
        ),
        Case(
            "sql_patterns_strict",
            "ratings",
            ("at", "since"),
            [selected({name: _PATTERNS[name] for name in ("first", "strict", "written")})],
            label=None,
            sample=30,
            edges=_TIMES,
        ),
        Case(
            "sql_dates",
            "ratings",
            ("at", "since", "user_id"),
            [
                selected(_DATES),
                assembled(tuple(f"o_{n}" for n in _DATES), "keep"),
                LinearRegression(labelCol="rating"),
            ],
            label="rating",
            sample=30,
            edges={
                "at": [
                    "2000-02-29", "1999-12-31T23:59:59.999999", "2001-03-04 05:06:07.5Z", "2001-3-4 5:6:7 +1:00",
                    "2012-11-10 09:08:07 Europe/Berlin", "1969-12-31 23:59:59.000001", "2001-13-01", "noon", "",
                    " 2001-01-01 10:11:12 ", "0001-01-01 00:00:00", "2001-01-01 24:00:00",
                ],
                "since": ["2000-1-1", "2000", "1969-07-20", "0099-01-01", "2000-02-30", "+2001-05-06", "1582-10-15"],
                "user_id": [-5, 1000],
            },
            since="4.1",  # `try_to_date`
        ),
    )  # fmt: skip
