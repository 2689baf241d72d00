package io.keelson.agent.environment;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

final class ExpansionProperties {
    private static final Map<String, String> VALUES = Map.of("A", "1", "B", "$(A)", "", "empty", "A(", "nested");
    private static final Pattern PIECE = Pattern.compile("\\$(?:(\\$)|\\(([^)]*)\\)|(.))", Pattern.DOTALL);

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.of("$", "$$", "(", ")", "A", "B", "$(A)", "$(C)", "x", "\n")
                .list()
                .ofMaxSize(12)
                .map(pieces -> String.join("", pieces));
    }

    @Property(seed = "1", tries = 2000)
    void agreesWithARegularExpression(@ForAll("texts") String text) {
        String expected =
                PIECE.matcher(text).replaceAll(match -> Matcher.quoteReplacement(reference(match.group(), match)));
        assertEquals(expected, Expansion.of(text, VALUES::get));
    }

    private static String reference(String whole, java.util.regex.MatchResult match) {
        if (match.group(1) != null) {
            return "$";
        }
        return match.group(2) == null ? whole : VALUES.getOrDefault(match.group(2), whole);
    }

    @Example
    void whatIsDocumentedHappens() {
        assertEquals("-1-", Expansion.of("-$(A)-", VALUES::get));
        assertEquals("$(A)", Expansion.of("$$(A)", VALUES::get));
        assertEquals("$1", Expansion.of("$$$(A)", VALUES::get));
        assertEquals("$(MISSING)", Expansion.of("$(MISSING)", VALUES::get));
        assertEquals("$(A", Expansion.of("$(A", VALUES::get));
        assertEquals("end$", Expansion.of("end$", VALUES::get));
        assertEquals("$(A)", Expansion.of("$(B)", VALUES::get), "what was put in is not looked at again");
    }
}
