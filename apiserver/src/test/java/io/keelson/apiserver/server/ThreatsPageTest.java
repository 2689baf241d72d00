package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What docs/threats.md says of the API server names tests that are there, and all that are named after an advisory. */
final class ThreatsPageTest {
    private static final Pattern TEST = Pattern.compile("`([A-Za-z0-9]+(?:Test|Properties))(?:[.]([A-Za-z0-9]+))?`");
    private static final Pattern NUMBERED = Pattern.compile("void (cve[0-9]{5,}[A-Za-z0-9]*)[(]");
    private static final Pattern ADVISORY = Pattern.compile("CVE-([0-9]{4})-([0-9]+)");

    private static String page() throws IOException {
        String text = Files.readString(Path.of("..", "docs", "threats.md"));
        return text.substring(text.indexOf("# The API server"));
    }

    /** The sources of tests, by the class's name. */
    private static Map<String, String> sources() throws IOException {
        Map<String, String> sources = new HashMap<>();
        try (Stream<Path> files = Files.walk(Path.of("src", "test", "java"))) {
            for (Path file :
                    files.filter(one -> one.toString().endsWith(".java")).toList()) {
                String name = String.valueOf(file.getFileName()).replace(".java", "");
                sources.merge(name, Files.readString(file), String::concat);
            }
        }
        return sources;
    }

    @Test
    void everyTestOfThePageIsThere() throws IOException {
        Map<String, String> sources = sources();
        List<String> lost = new ArrayList<>();
        int found = 0;
        Matcher named = TEST.matcher(page());
        while (named.find()) {
            String source = sources.getOrDefault(named.group(1), "");
            boolean there =
                    named.group(2) == null ? !source.isEmpty() : source.contains("void " + named.group(2) + "(");
            if (!there) {
                lost.add(named.group());
            }
            found++;
        }
        assertEquals(List.of(), lost);
        assertTrue(found > 40, "the page was not read");
    }

    @Test
    void everyAdvisoryHasOneTestNamedAfterItAndEverySuchTestIsOnThePage() throws IOException {
        String page = page();
        List<String> tests = new ArrayList<>();
        List<String> lost = new ArrayList<>();
        sources().forEach((name, source) -> {
            Matcher test = NUMBERED.matcher(source);
            while (test.find()) {
                tests.add(test.group(1));
                if (!page.contains("`" + name + "." + test.group(1) + "`")) {
                    lost.add(name + "." + test.group(1));
                }
            }
        });
        assertEquals(List.of(), lost, "on no line of the page");
        for (String line : page.lines().filter(one -> one.contains("CVE-")).toList()) {
            Matcher advisory = ADVISORY.matcher(line);
            assertTrue(advisory.find(), line);
            String number = "cve" + advisory.group(1) + advisory.group(2);
            List<String> own = tests.stream()
                    .filter(test -> test.matches(number + "([^0-9].*)?"))
                    .toList();
            assertEquals(1, own.size(), number + ": " + new TreeSet<>(own));
            assertTrue(line.contains(own.getFirst()), line);
        }
    }
}
