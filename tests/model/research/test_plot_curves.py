from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tools.plot_curves import Curve, draw, main, read_losses, read_validation


def test_curves_show_every_run(tmp_path: Path) -> None:
    run = tmp_path / "out" / "run"
    run.mkdir(parents=True)
    (run / "log.csv").write_text("step,epoch,loss\n1,1,4\n2,1,2\n3,2,1\n", encoding="utf-8")
    rows = "step,set,measure,value\n2,captions,mr,20\n3,captions,mr,30\n2,captions,i2t,9\n"
    (run / "validation.csv").write_text(rows, encoding="utf-8")
    step, loss = read_losses(tmp_path / "out")[-1]
    assert step == 3.0
    assert loss == pytest.approx(0.9 * (0.9 * 4 + 0.1 * 2) + 0.1 * 1)
    assert read_validation(tmp_path / "out") == {"captions mr": [(2.0, 20.0), (3.0, 30.0)]}
    main([str(tmp_path / "c.svg"), f"a & b={tmp_path / 'out'}", f"second={tmp_path / 'out'}"])
    picture = ET.fromstring((tmp_path / "c.svg").read_text(encoding="utf-8"))  # noqa: S314  (our own)
    lines = picture.findall("{http://www.w3.org/2000/svg}polyline")
    assert len(lines) == 2 + 2 * 2
    texts = [text.text for text in picture.findall("{http://www.w3.org/2000/svg}text")]
    assert {"a & b", "a & b captions mr", "training loss", "validation, %"} <= set(texts)


def test_a_single_value_can_be_drawn() -> None:
    picture = ET.fromstring(draw([Curve("one", [(1.0, 2.0)])], []))  # noqa: S314
    assert len(picture.findall("{http://www.w3.org/2000/svg}polyline")) == 2
