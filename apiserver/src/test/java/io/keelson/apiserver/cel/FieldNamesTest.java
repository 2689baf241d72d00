package io.keelson.apiserver.cel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import org.junit.jupiter.api.Test;

class FieldNamesTest {
    @Test
    void whatCelCannotWriteIsEscaped() {
        assertEquals(Optional.of("__namespace__"), FieldNames.escape("namespace"));
        assertEquals(Optional.of("x__dash__prop"), FieldNames.escape("x-prop"));
        assertEquals(Optional.of("redact__underscores__d"), FieldNames.escape("redact__d"));
        assertEquals(Optional.of("a__dot__b__slash__c"), FieldNames.escape("a.b/c"));
        assertEquals(Optional.of("__in__"), FieldNames.escape("in"));
        assertEquals(Optional.of("string"), FieldNames.escape("string"));
        assertEquals(Optional.empty(), FieldNames.escape("1a"));
        assertEquals(Optional.empty(), FieldNames.escape("a b"));
        assertEquals(Optional.empty(), FieldNames.escape("$ref"));
        assertEquals("a__dot__b", FieldNames.unescape("a__underscores__dot__underscores__b"));
    }

    @Property
    void anEscapedNameIsReadAsItWas(
            @ForAll @CharRange(from = 'a', to = 'e') @Chars({'_', '.', '-', '/', 'd', 'o', 't'}) String name) {
        FieldNames.escape(name).ifPresent(escaped -> assertEquals(name, FieldNames.unescape(escaped)));
    }
}
