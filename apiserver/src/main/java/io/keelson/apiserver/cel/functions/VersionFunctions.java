package io.keelson.apiserver.cel.functions;

import static dev.cel.common.types.SimpleType.BOOL;
import static dev.cel.common.types.SimpleType.INT;
import static dev.cel.common.types.SimpleType.STRING;

import dev.cel.common.types.OpaqueType;

/** Semantic versions: {@code semver("1.2.3").isLessThan(semver("2.0.0"))}. */
public final class VersionFunctions {
    private static final OpaqueType SEMVER = OpaqueType.create("kubernetes.Semver");

    private VersionFunctions() {}

    public static FunctionSet set() {
        return new FunctionSet()
                .type(SEMVER, Version.class)
                .global(
                        "semver",
                        "string_to_semver",
                        Cost.FIRST,
                        given -> Version.parse((String) given[0]),
                        SEMVER,
                        STRING)
                .global(
                        "semver",
                        "string_bool_to_semver",
                        Cost.FIRST,
                        given -> read((String) given[0], (Boolean) given[1]),
                        SEMVER,
                        STRING,
                        BOOL)
                .global("isSemver", "is_semver_string", Cost.FIRST, given -> is((String) given[0], false), BOOL, STRING)
                .global(
                        "isSemver",
                        "is_semver_string_bool",
                        Cost.FIRST,
                        given -> is((String) given[0], (Boolean) given[1]),
                        BOOL,
                        STRING,
                        BOOL)
                .member(
                        "isGreaterThan",
                        "semver_is_greater_than",
                        Cost.ONE,
                        given -> of(given[0]).compareTo(of(given[1])) > 0,
                        BOOL,
                        SEMVER,
                        SEMVER)
                .member(
                        "isLessThan",
                        "semver_is_less_than",
                        Cost.ONE,
                        given -> of(given[0]).compareTo(of(given[1])) < 0,
                        BOOL,
                        SEMVER,
                        SEMVER)
                .member(
                        "compareTo",
                        "semver_compare_to",
                        Cost.ONE,
                        given -> (long) Integer.signum(of(given[0]).compareTo(of(given[1]))),
                        INT,
                        SEMVER,
                        SEMVER)
                .member("major", "semver_major", Cost.ONE, given -> of(given[0]).major(), INT, SEMVER)
                .member("minor", "semver_minor", Cost.ONE, given -> of(given[0]).minor(), INT, SEMVER)
                .member("patch", "semver_patch", Cost.ONE, given -> of(given[0]).patch(), INT, SEMVER);
    }

    private static Version of(Object value) {
        return (Version) value;
    }

    private static Version read(String text, boolean tolerant) {
        return Version.parse(tolerant ? Version.completed(text) : text);
    }

    private static Object is(String text, boolean tolerant) {
        try {
            read(text, tolerant);
            return true;
        } catch (FunctionFailure e) {
            return false;
        }
    }
}
