"""The commands of a set-up, answered by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from qgis_msa_plugin.setup.commands import (
    Backend,
    FileWork,
    Outcome,
    SetupChoice,
    SetupCommand,
    Task,
    build,
    index_environment,
)
from qgis_msa_plugin.setup.environment import Environment, SetupFiles, shipped_setup_files
from qgis_msa_plugin.setup.errors import failure_of
from tests.refusals import raises_kind

Answer = Callable[[str], Outcome]
FINE = Outcome(0, "2.13.0")


def words_of(task: Task) -> str:
    if isinstance(task, FileWork):
        return f"chore {task.step.value}"
    return " ".join((task.program, *task.arguments))


def followed(choice: SetupChoice, tmp_path: Path, answers: dict[str, Outcome]) -> tuple[list[str], str]:
    """What is run if every command ends well but for those that hold a word of `answers`."""
    recipe = build(Environment(tmp_path), shipped_setup_files(), choice)
    run: list[str] = []
    outcome = None
    try:
        while True:
            task = next(recipe) if outcome is None else recipe.send(outcome)
            words = words_of(task)
            run.append(words)
            outcome = next((answer for word, answer in answers.items() if word in words), FINE)
    except StopIteration as end:
        return run, str(end.value)


def packages(run: list[str]) -> str:
    return next(words for words in reversed(run) if "torch.txt" in words)


NEW = {"pip --version": Outcome(127)}
NO_CARD = {"nvidia-smi": Outcome(127)}
A_CARD = {"nvidia-smi": Outcome(0, "GPU 0: a card (UUID: 1)")}


def test_a_new_environment_is_made_by_the_chosen_python(tmp_path: Path) -> None:
    run, torch = followed(SetupChoice(python="/opt/python3"), tmp_path, {**NEW, **NO_CARD})
    made = next(words for words in run if " venv " in words)
    assert made.startswith("/opt/python3 ")
    assert made.endswith(str(tmp_path / "msa_search" / "env"))
    assert torch == "2.13.0"


def test_one_that_was_begun_goes_on_unless_it_is_to_be_made_anew(tmp_path: Path) -> None:
    run, _ = followed(SetupChoice(python="p"), tmp_path, NO_CARD)
    assert not [words for words in run if " venv " in words]
    run, _ = followed(SetupChoice(python="p", reinstall=True), tmp_path, NO_CARD)
    assert [words for words in run if " venv --prompt msa_search --clear " in words]


@pytest.mark.parametrize(
    ("backend", "card", "wanted"),
    [
        (Backend.AUTO, A_CARD, "auto"),
        (Backend.AUTO, NO_CARD, "cpu"),
        (Backend.CPU, A_CARD, "cpu"),
        (Backend.CUDA, NO_CARD, "auto"),
    ],
)
def test_the_build_of_pytorch_follows_the_graphics_card_or_the_user(
    tmp_path: Path, backend: Backend, card: dict[str, Outcome], wanted: str
) -> None:
    run, _ = followed(SetupChoice(python="p", backend=backend), tmp_path, card)
    assert f"--torch-backend {wanted} " in packages(run)


@pytest.mark.parametrize("failing", ["setup.txt", "--dry-run", "--torch-backend cpu -c"])
def test_where_uv_does_not_get_through_pip_installs_the_same_pins(tmp_path: Path, failing: str) -> None:
    run, _ = followed(SetupChoice(python="p"), tmp_path, {**NO_CARD, failing: Outcome(2)})
    last = packages(run)
    assert " pip install -c " in last
    assert "--torch-backend" not in last
    assert "constraints.txt" in last


@pytest.mark.parametrize(
    "choice", [SetupChoice("p", index="https://x"), SetupChoice("p", wheels=Path("/wheels"))]
)
def test_an_index_or_a_folder_of_the_users_own_is_asked_by_pip_alone(
    tmp_path: Path, choice: SetupChoice
) -> None:
    run, _ = followed(choice, tmp_path, A_CARD)
    assert not [words for words in run if "setup.txt" in words or "--torch-backend" in words]
    assert not [words for words in run if "https://x" in words]


def test_addresses_and_folders_go_into_variables() -> None:
    found = index_environment(SetupChoice("p", index="https://a/simple  https://b/simple"), Path("/c"))
    assert (found["PIP_INDEX_URL"], found["PIP_EXTRA_INDEX_URL"]) == ("https://a/simple", "https://b/simple")
    found = index_environment(SetupChoice("p", wheels=Path("/my wheels")), Path("/c"))
    assert (found["PIP_NO_INDEX"], found["PIP_FIND_LINKS"]) == ("1", "file:///my%20wheels")


def test_uv_provides_a_python_where_there_is_none(tmp_path: Path) -> None:
    answers = {**NEW, **NO_CARD, "python find": Outcome(0, "\n/managed/python3\n")}
    run, _ = followed(SetupChoice(uv="/opt/uv"), tmp_path, answers)
    assert run[2].startswith("/opt/uv python install")
    assert next(words for words in run if " venv " in words).startswith("/managed/python3 ")


def test_without_python_and_uv_there_is_a_sentence(tmp_path: Path) -> None:
    with raises_kind("python_missing", match=r"3\.11"):
        followed(SetupChoice(), tmp_path, NEW)


def test_the_text_encoder_brings_nothing_along(tmp_path: Path) -> None:
    run, _ = followed(SetupChoice("p"), tmp_path, NO_CARD)
    encoder = next(words for words in run if "text-encoder.txt" in words)
    assert "--no-deps" in encoder


@pytest.mark.parametrize(
    "choice", [SetupChoice("p"), SetupChoice("p", index="https://x"), SetupChoice("p", wheels=Path("/w"))]
)
def test_everything_but_torch_is_compared_with_its_hashes_and_nothing_else_comes_along(
    tmp_path: Path, choice: SetupChoice
) -> None:
    run, _ = followed(choice, tmp_path, NO_CARD)
    installs = [words for words in run if " pip install " in words and "--no-index" not in words]
    unhashed = [words for words in installs if "--require-hashes --no-deps -r" not in words]
    assert all("torch.txt" in words and words.count(" -r ") == 1 for words in unhashed)
    assert any("locked/worker.txt" in words for words in installs)
    assert installs.index(unhashed[0]) > 0


def test_a_step_that_must_not_fail_ends_the_set_up(tmp_path: Path) -> None:
    with raises_kind("setup_failed", match="pip install"):
        followed(SetupChoice("p"), tmp_path, {**NO_CARD, "text-encoder.txt": Outcome(1, "boom")})


def test_nothing_is_run_by_a_shell_or_names_a_registry(tmp_path: Path) -> None:
    run, _ = followed(SetupChoice("p"), tmp_path, {**NEW, **A_CARD})
    assert not [words for words in run if "://" in words]


@pytest.mark.parametrize(
    ("output", "kind"),
    [
        ("OSError: [Errno 28] No space left on device", "setup_no_room"),
        ("ProxyError('Cannot connect to proxy.', 407)", "setup_unreachable"),
        (
            "SSLError(CERTIFICATE_VERIFY_FAILED)\nNo matching distribution found for torch",
            "setup_unreachable",
        ),
        ("ERROR: No matching distribution found for torch==2.13.0", "setup_unreachable"),
        ("Failed to establish a new connection: [Errno -2] Name or service not known", "setup_unreachable"),
        ("ERROR: HTTP error 403 while getting https://a.example/torch.whl", "setup_unreachable"),
        ("Could not fetch URL https://a.example: 503 Server Error: Busy for url", "setup_unreachable"),
        ("too many 502 error responses\nNo matching distribution found for torch", "setup_unreachable"),
        ("OSError('Tunnel connection failed: 407 Proxy Authentication Required')", "setup_unreachable"),
        ("HTTP status client error (403 Forbidden) for url (https://a.example)", "setup_unreachable"),
        ("invalid peer certificate: UnknownIssuer", "setup_unreachable"),
        ("Missing dependencies for SOCKS support", "setup_unreachable"),
        ("error: a compiler is missing\nhint: See above", "setup_failed"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "setup_other_file"),
    ],
)
def test_what_installers_print_becomes_a_named_error(output: str, kind: str) -> None:
    error = failure_of("pip install", 1, output)
    assert error.kind == kind
    assert error.tail == output


@pytest.mark.parametrize("folder", ["pytest-503", "my ssl proxy", "404", "certificates", "socks 407"])
def test_a_path_or_a_size_in_the_output_is_not_taken_for_the_network(folder: str) -> None:
    output = (
        f"Looking in links: file:///tmp/{folder}/wheels (502 kB)\nNo matching distribution found for a==1"
    )
    assert (
        str(failure_of("pip install", 1, output))
        == "There is no a==1 for this Python where it is looked for."
    )


def test_the_sentence_of_a_failure_quotes_the_line_that_says_why() -> None:
    assert "a compiler is missing" in str(
        failure_of("pip install", 1, "error: a compiler is missing\nhint: x")
    )


def test_another_version_or_another_pin_is_another_environment(tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir()
    for name in ("constraints", "torch", "locked/worker", "locked/text-encoder"):
        (tmp_path / f"{name}.txt").write_text("")
    first = SetupFiles(tmp_path, {}, "1").fingerprint()
    assert SetupFiles(tmp_path, {}, "2").fingerprint() != first
    (tmp_path / "torch.txt").write_text("torch==9")
    assert SetupFiles(tmp_path, {}, "1").fingerprint() != first


def test_every_command_that_may_fail_says_so(tmp_path: Path) -> None:
    recipe = build(Environment(tmp_path), shipped_setup_files(), SetupChoice("p"))
    next(recipe)
    alive = recipe.send(FINE)
    assert isinstance(alive, SetupCommand)
    assert alive.optional
    assert alive.limit_s
