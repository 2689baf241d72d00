package io.keelson.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.kvstore.membership.ClusterIds;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the project's pages point to is there: files, headings, scripts, tests and their methods. */
class PapersTest {
    private static final Pattern LINK = Pattern.compile("\\[([^\\]]*)]\\(([^)\\s]+)\\)");
    private static final Pattern NAMED_TEST = Pattern.compile(
            "`(?:[a-z]+/)*([A-Z][A-Za-z0-9]*(?:Test|Properties|Benchmark))(?:\\.([a-z][A-Za-z0-9]+))?`");
    private static final Pattern METHOD_TEXT = Pattern.compile("`([a-z][A-Za-z0-9]{7,})`");
    private static final Pattern SCRIPT = Pattern.compile("\\bscripts/([a-z-]+)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");

    /** A line of {@code member list} with the ports that a cluster has by default. */
    private static final Pattern TOUR_MEMBER =
            Pattern.compile("(?m)^    ([0-9a-f]{16}), started, (m[123]), (http://127\\.0\\.0\\.1:(?:2|22|32)380),"
                    + " http://127\\.0\\.0\\.1:(?:2|22|32)379, false$");

    /** Pages are the same wherever the project lies, and name no host but one's own. */
    private static final Pattern ELSEWHERE = Pattern.compile(
            "https?://(?!127\\.0\\.0\\.1|localhost|10\\.0\\.0\\.)[a-z0-9.-]+|(?<![A-Za-z0-9./])/(?:tmp|home|root|work)/\\S*");

    private final Path top;
    private final List<Path> pages = new ArrayList<>();
    private final Map<String, List<Path>> sources = new HashMap<>();

    PapersTest() throws IOException {
        top = ProjectFolder.top();
        Files.walkFileTree(top, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                String name = String.valueOf(folder.getFileName());
                return name.equals("target") || (name.startsWith(".") && !folder.equals(top))
                        ? FileVisitResult.SKIP_SUBTREE
                        : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                String name = String.valueOf(file.getFileName());
                if (name.endsWith(".md")) {
                    pages.add(file);
                } else if (name.endsWith(".java")) {
                    sources.computeIfAbsent(name.substring(0, name.length() - 5), _ -> new ArrayList<>())
                            .add(file);
                }
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private interface Check {
        /** What is wrong with a page. */
        List<String> of(Path page, String text) throws IOException;
    }

    private void checkAll(Check check) throws IOException {
        assertFalse(pages.isEmpty());
        List<String> wrong = new ArrayList<>();
        for (Path page : pages) {
            for (String problem : check.of(page, Files.readString(page))) {
                wrong.add(top.relativize(page) + ": " + problem);
            }
        }
        assertEquals(List.of(), wrong);
    }

    private static List<MatchResult> all(Pattern pattern, String text) {
        return pattern.matcher(text).results().toList();
    }

    @Test
    void everyLinkLeadsToAFileAndToAHeadingInIt() throws IOException {
        checkAll((page, text) -> {
            List<String> wrong = new ArrayList<>();
            for (MatchResult link : all(LINK, text)) {
                String[] parts = link.group(2).split("#", 2);
                Path target = parts[0].isEmpty()
                        ? page
                        : page.resolveSibling(parts[0]).normalize();
                if (!Files.exists(target)) {
                    wrong.add("no " + link.group(2));
                } else if (parts.length == 2 && !headings(target).contains(parts[1])) {
                    wrong.add("no heading " + link.group(2));
                }
            }
            return wrong;
        });
    }

    /** Headings as they are linked to. */
    private static List<String> headings(Path page) throws IOException {
        return all(HEADING, Files.readString(page)).stream()
                .map(heading -> heading.group(1)
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N} -]", "")
                        .replace(' ', '-'))
                .toList();
    }

    @Test
    void everyTestThatIsNamedIsThereWithItsMethod() throws IOException {
        checkAll((_, text) -> {
            List<String> wrong = new ArrayList<>();
            for (MatchResult named : all(NAMED_TEST, text)) {
                List<Path> files = sources.getOrDefault(named.group(1), List.of());
                if (files.isEmpty()) {
                    wrong.add("no class " + named.group(1));
                } else if (named.group(2) != null && !anyHas(files, named.group(2))) {
                    wrong.add("no method " + named.group(2) + " in " + named.group(1));
                }
            }
            return wrong;
        });
    }

    @Test
    void everyLinkWithAMethodsNameLeadsToAClassThatHasIt() throws IOException {
        checkAll((page, text) -> {
            List<String> wrong = new ArrayList<>();
            for (MatchResult link : all(LINK, text)) {
                Path target = page.resolveSibling(link.group(2)).normalize();
                for (MatchResult method : all(METHOD_TEXT, link.group(1))) {
                    if (link.group(2).endsWith(".java") && !anyHas(List.of(target), method.group(1))) {
                        wrong.add("no method " + method.group(1) + " in " + link.group(2));
                    }
                }
            }
            return wrong;
        });
    }

    private static boolean anyHas(List<Path> files, String method) throws IOException {
        Pattern declaration = Pattern.compile("\\b" + Pattern.quote(method) + "\\(");
        for (Path file : files) {
            if (declaration.matcher(Files.readString(file)).find()) {
                return true;
            }
        }
        return false;
    }

    @Test
    void everyScriptThatIsNamedIsThere() throws IOException {
        checkAll((_, text) -> all(SCRIPT, text).stream()
                .map(script -> script.group(1))
                .filter(name -> !Files.exists(top.resolve("scripts").resolve(name)))
                .map(name -> "no scripts/" + name)
                .toList());
    }

    @Test
    void everyScriptSaysHowToCallIt(@TempDir Path folder) throws Exception {
        List<Path> scripts = new ArrayList<>(List.of(top.resolve(".ci/run")));
        try (DirectoryStream<Path> files = Files.newDirectoryStream(top.resolve("scripts"))) {
            files.forEach(scripts::add);
        }
        List<String> wrong = new ArrayList<>();
        for (Path script : scripts) {
            Path output = folder.resolve("output");
            Process process = new ProcessBuilder("bash", script.toString(), "--help")
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            boolean ended = process.waitFor(30, TimeUnit.SECONDS);
            if (!ended) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly().waitFor();
            }
            String text = Files.readString(output);
            if (!ended || process.exitValue() != 0 || !text.startsWith("usage: ")) {
                wrong.add(top.relativize(script) + " --help: " + text);
            }
        }
        assertEquals(List.of(), wrong);
    }

    /** Ids come from the ports and the folder of the cluster, so whoever follows the tour sees these and no others. */
    @Test
    void theTourShowsTheIdsOfTheClusterThatTheScriptStarts() throws IOException {
        String readme = Files.readString(top.resolve("README.md"));
        List<Long> ids = new ArrayList<>();
        for (MatchResult member : all(TOUR_MEMBER, readme)) {
            long id = ClusterIds.memberId(List.of(member.group(3)), "keelson-.cluster");
            assertEquals(ClusterIds.text(id), member.group(1), member.group(2));
            ids.add(id);
        }
        assertEquals(3, ids.size());
        String header = "\"header\":{\"cluster_id\":\"" + Long.toUnsignedString(ClusterIds.clusterId(ids))
                + "\",\"member_id\":\"" + Long.toUnsignedString(ids.getLast()) + "\"";
        assertTrue(readme.contains(header), header);
    }

    @Test
    void nothingPointsToAPlaceOutsideTheProject() throws IOException {
        checkAll((_, text) -> all(ELSEWHERE, text).stream()
                .map(MatchResult::group)
                .map(place -> place + " is elsewhere")
                .toList());
    }
}
