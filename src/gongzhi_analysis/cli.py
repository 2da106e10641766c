"""The command line `gongzhi-analysis`, for people who have only data."""

import json
import math
import re
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from gongzhi_analysis.linkage.grouping import group_messages
from gongzhi_analysis.privacy.redact import find_personal, leave_out
from gongzhi_analysis.tables import TableFault, column_of, read_table, texts_of, write_table
from gongzhi_analysis.text.model import ModelError, load_model
from gongzhi_analysis.text.train import TrainingError, train_text_model

INPUT = click.Path(exists=True, dir_okay=False, path_type=Path)
OUTPUT = click.Path(dir_okay=False, path_type=Path)
_NUMBER = re.compile(r"^-?\d+(?:\.\d+)?$")


class Refusing(click.Group):
    """Shows a refusal as one line, never as a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what cannot be done ends with exit code 1."""
        try:
            return super().invoke(ctx)
        except (TableFault, ModelError, TrainingError) as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=Refusing, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="gongzhi")
def main() -> None:
    """Read and group messages in tables. Formats by file ending: .csv .tsv .xlsx .parquet .jsonl.

    Each command writes one row for each row it reads, in the same order.
    """


@main.command("text-train")
@click.option("--input", "source", required=True, type=INPUT, help="Table of labelled messages.")
@click.option("--text", required=True, help="Column with the message.")
@click.option("--label", required=True, help="Column with the category; `a.b` means b below a.")
@click.option(
    "--model", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder for the model."
)
def text_train(source: Path, text: str, label: str, model: Path) -> None:
    """Train a calibrated reader of messages that abstains when unsure. Rows without a label are left out."""
    columns = read_table(source)
    pairs = [
        (t, v) for t, v in zip(texts_of(columns, text), texts_of(columns, label), strict=True) if v.strip()
    ]
    trained = train_text_model([t for t, _ in pairs], [v.strip() for _, v in pairs])
    trained.save(model)
    figures = ", ".join(f"{key} {value}" for key, value in trained.about["metrics"].items())
    click.echo(f"{len(pairs)} messages, {len(trained.classes)} categories. Held out: {figures}")


@main.command("text-predict")
@click.option(
    "--model", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path), help="The model."
)
@click.option("--input", "source", required=True, type=INPUT, help="Table of messages.")
@click.option("--text", required=True, help="Column with the message.")
@click.option("--output", required=True, type=OUTPUT, help="Table to write.")
def text_predict(model: Path, source: Path, text: str, output: Path) -> None:
    """Add the columns label, probability, second, third and abstain. `label` is filled even where abstain is true."""
    reader = load_model(model)
    columns = read_table(source)
    verdicts = [reader.read(t, explain=False) for t in texts_of(columns, text)]
    columns["label"] = [v.label for v in verdicts]
    columns["probability"] = [round(v.probability, 6) for v in verdicts]
    for place, name in ((1, "second"), (2, "third")):
        columns[name] = [v.top[place].label if len(v.top) > place else None for v in verdicts]
    columns["abstain"] = [v.abstain for v in verdicts]
    write_table(output, columns)
    click.echo(f"{len(verdicts)} messages read, {sum(v.abstain for v in verdicts)} abstained.")


def hours_of(value: Any) -> float | None:
    """A moment in hours since 1970, from a date-time or from text as people write it; None where it is none."""
    if isinstance(value, datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=UTC)
        return moment.timestamp() / 3600
    text = str(value or "").strip().replace("/", "-").replace("年", "-").replace("月", "-").replace("日", "")
    parts = re.match(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2}):(\d{2}))?", text)
    if not parts:
        return None
    year, month, day, hour, minute = (int(p or 0) for p in parts.groups())
    try:
        return datetime(year, month, day, hour, minute, tzinfo=UTC).timestamp() / 3600
    except ValueError:
        return None


def _degree(value: Any) -> float | None:
    if isinstance(value, str) and not _NUMBER.match(value.strip()):
        return None
    degree = float(value) if isinstance(value, int | float | str) else math.nan
    return degree if math.isfinite(degree) else None


@main.command("group")
@click.option("--input", "source", required=True, type=INPUT, help="Table of messages.")
@click.option("--text", required=True, help="Column with the message.")
@click.option("--time", "time_column", help="Column with the time.")
@click.option("--lon", help="Column with the longitude in degrees.")
@click.option("--lat", help="Column with the latitude in degrees.")
@click.option("--output", required=True, type=OUTPUT, help="Table to write.")
def group(
    source: Path, text: str, time_column: str | None, lon: str | None, lat: str | None, output: Path
) -> None:
    """Add the column group: messages about the same matter share a number, every other has its own."""
    if bool(lon) != bool(lat):
        raise click.UsageError("--lon and --lat go together")
    columns = read_table(source)
    texts = texts_of(columns, text)
    hours = [hours_of(v) for v in column_of(columns, time_column)] if time_column else None
    points = None
    if lon and lat:
        pairs = zip(column_of(columns, lon), column_of(columns, lat), strict=True)
        found = [(_degree(x), _degree(y)) for x, y in pairs]
        points = [(x, y) if x is not None and y is not None else None for x, y in found]
    columns["group"] = group_messages(texts, hours=hours, points=points)
    write_table(output, columns)
    click.echo(f"{len(texts)} messages in {len(set(columns['group']))} groups.")


@main.command("redact")
@click.option("--input", "source", required=True, type=INPUT, help="Table of texts.")
@click.option("--text", required=True, help="Column with the text.")
@click.option("--output", required=True, type=OUTPUT, help="Table to write.")
@click.option(
    "--language", type=click.Choice(["zh", "en"]), help="Language of the marks; by default the text's own."
)
def redact(source: Path, text: str, output: Path, language: str | None) -> None:
    """Propose what to leave out: the column text without personal data, and spans, a JSON list of what was found.

    A span has start and end (characters of the original text) and kind. A person should look before anything is public.
    """
    columns = read_table(source)
    texts = texts_of(columns, text)
    found = [find_personal(t) for t in texts]
    columns["text"] = [leave_out(t, spans, language=language) for t, spans in zip(texts, found, strict=True)]
    columns["spans"] = [json.dumps([asdict(span) for span in spans]) for spans in found]
    if text != "text":
        del columns[text]
    write_table(output, columns)
    click.echo(
        f"{len(texts)} texts, {sum(map(bool, found))} with personal data, {sum(map(len, found))} places in all."
    )


if __name__ == "__main__":
    main()
