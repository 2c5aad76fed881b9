"""Rules about forms. Who knows forms reports them (`forms.examination`); the engine knows only that there are forms."""

from __future__ import annotations

from engine.kernel.check.catalogue.rule import Rule, error, warning

RULES: tuple[Rule, ...] = (
    error("forms/file", "A form must be form-js JSON of a known schema version, with an id and components."),
    error("forms/component", "A component must be of a type that can be shown and checked."),
    error("forms/duplicate-id", "A component must have an id of its own."),
    error("forms/key", "A field must have a key that expressions can use."),
    error("forms/duplicate-key", "Two fields must not have one key in the same object."),
    error("forms/expression", "An expression of a form must be there and be FEEL."),
    error("forms/pattern", "A pattern must be a regular expression of RE2."),
    error("forms/options", "A choice must have options, with different values."),
    error("forms/validator", "A field must ask for a validator that exists for its kind."),
    error("forms/limit", "A limit must be a number, and something must be possible between two of them."),
    error("forms/rule", "A rule over several fields must say what is wrong, in Chinese and English."),
    error("forms/list", "A repeating list must have fields and a number of rows."),
    error("forms/depth", "Groups and lists must not lie too deep in each other."),
    error("forms/properties", "Custom properties must be texts."),
    error("forms/files", "The kinds of files that a field accepts must be written down."),
    warning("forms/outside", "Pages show nothing that comes from elsewhere."),
    warning("forms/read-only-in-rows", "A read-only field needs rows that nobody adds or removes."),
)
