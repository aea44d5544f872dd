"""What people call the forms of a question about two dates, in the languages that queries are read in.

English, German, French, Spanish, Portuguese, Italian, Dutch, Polish, Russian, Turkish, Arabic, Chinese,
Japanese, Korean and Thai, a line each; a form of several words, or of other endings, stands between commas.
"""

# ruff: noqa: RUF001

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

APPEARED, VANISHED, BECAME, CHANGED, LIKE = "appeared", "vanished", "became", "changed", "like"

_APPEARED = """
appeared, new, built, added
erschienen, aufgetaucht, entstanden, hinzugekommen, gebaut, neu, neue
apparu, apparue, apparus, apparues, construit, construits, nouveau, nouveaux, nouvelle, nouvelles
aparecido, aparecida, aparecidos, aparecidas, apareció, aparecieron, nuevo, nueva, nuevos, nuevas
apareceu, apareceram, surgiu, surgiram, novo, nova, novos, novas
apparso, apparsa, apparsi, apparse, comparso, comparsa, comparsi, comparse, nuovo, nuova, nuovi, nuove
verschenen, ontstaan, gebouwd, nieuw, nieuwe
pojawił się, pojawiła się, pojawiło się, pojawiły się, nowy, nowa, nowe
появился, появилась, появилось, появились, новый, новая, новое, новые
belirdi, ortaya çıktı, yeni
ظهر, ظهرت, جديد, جديدة
出现, 出現, 出现了, 新增, 新建
現れた, 出現した, 新しい
나타남, 나타난, 나타났다, 생긴, 새로운
ปรากฏ, เกิดขึ้น, ใหม่
"""
_VANISHED = """
vanished, disappeared, gone, removed, lost
verschwunden, abgerissen, entfernt
disparu, disparue, disparus, disparues, détruit, détruits
desaparecido, desaparecida, desaparecidos, desaparecidas, desapareció, desaparecieron
desapareceu, desapareceram, sumiu, sumiram
scomparso, scomparsa, scomparsi, scomparse, sparito, sparita, spariti, sparite
verdwenen, gesloopt
zniknął, zniknęła, zniknęło, zniknęły
исчез, исчезла, исчезло, исчезли, пропал, пропала, пропало, пропали
kayboldu, yok oldu
اختفى, اختفت
消失, 消失了, 不见了, 不見了
消えた, 消失した, なくなった
사라짐, 사라진, 사라졌다, 없어진
หายไป, หาย
"""
_CHANGED = """
changed, change, changes, what changed, anything changed
verändert, geändert, veränderung, veränderungen, was hat sich verändert, was hat sich geändert
changé, changement, changements, modifié, qu'est-ce qui a changé
cambiado, cambió, cambio, cambios, qué cambió
mudou, mudança, mudanças, o que mudou
cambiato, cambiamento, cambiamenti, cosa è cambiato
veranderd, verandering, veranderingen, wat is er veranderd
zmieniło się, zmiana, zmiany, co się zmieniło
изменилось, изменение, изменения, что изменилось
değişti, değişiklik, değişiklikler, ne değişti
تغير, تغيير, تغييرات
变化, 變化, 改变, 改變, 变了
変化, 変わった, 変化した
변화, 변경, 변했다, 바뀐
เปลี่ยนแปลง, การเปลี่ยนแปลง, เปลี่ยนไป
"""
_LIKE = """
like this change
wie diese veränderung, wie diese änderung
comme ce changement
como este cambio
como esta mudança
come questo cambiamento
zoals deze verandering
jak ta zmiana
как это изменение
bu değişiklik gibi
مثل هذا التغيير
像这个变化, 类似这个变化, 像這個變化
この変化のような
이 변화처럼, 이런 변화
เหมือนการเปลี่ยนแปลงนี้
"""


def folded(words: str) -> str:
    """Words in small letters with single blanks, without accents and what ends a question."""
    letters = unicodedata.normalize("NFKD", words.casefold())
    kept = "".join(letter for letter in letters if unicodedata.category(letter) != "Mn")
    return " ".join(kept.translate(_OTHER_LETTERS).split()).rstrip(" ?!.")


_OTHER_LETTERS = str.maketrans({"ı": "i", "ł": "l", "’": "'", "¿": None})


def _kinds(listed: Mapping[str, str]) -> Mapping[str, str]:
    return {
        folded(form): kind
        for kind, lines in listed.items()
        for line in lines.split("\n")
        for form in line.split(",")
        if form.strip()
    }


WITH_COLON = _kinds({APPEARED: _APPEARED, VANISHED: _VANISHED})  # "FORM: words"
WHOLE = _kinds({CHANGED: _CHANGED, LIKE: _LIKE})  # the whole question
