package io.keelson.agent.embedded.images.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.agent.embedded.images.store.StoredImage;
import io.keelson.agent.embedded.images.store.TarLayer;
import io.keelson.agent.embedded.images.store.TestStore;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

@Tag("root")
final class ImageCommandTest {
    private TestStore test;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void open() throws IOException {
        test = new TestStore();
    }

    @AfterEach
    void close() throws IOException {
        test.close();
    }

    private int run(String... words) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        return new CommandLine(new ImageCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(Stream.concat(
                                Stream.of(words),
                                Stream.of("--store", test.store().root().toString()))
                        .toArray(String[]::new));
    }

    @Test
    void imagesAreListedExportedRemovedAndImported() throws IOException {
        StoredImage image = test.add("web:1", new TarLayer().file("f", "x").bytes());
        assertEquals(0, run("list"));
        List<String> lines = out.toString().lines().toList();
        assertEquals("IMAGE                   TAG   IMAGE ID        SIZE", lines.getFirst());
        assertTrue(
                lines.get(1)
                        .startsWith("docker.io/library/web   1     "
                                + image.id().hex().substring(0, 13) + "   2."),
                lines.get(1));
        run("list", "-q");
        assertEquals(image.id() + "\n", out.toString());
        run("ls", "-o", "json");
        assertTrue(out.toString().contains("\"repoTags\" : [ \"docker.io/library/web:1\" ]"), out.toString());
        String file = test.folder().resolve("web.tar").toString();
        assertEquals(0, run("export", "web:1", "-o", file), err.toString());
        assertEquals(0, run("rm", "web:1"));
        assertEquals("Untagged: docker.io/library/web:1\nDeleted: " + image.id() + "\n", out.toString());
        assertEquals(1, run("rm", "web:1"));
        assertEquals("Error: image \"web:1\": not found\n", err.toString());
        assertEquals(0, run("rm", "--force", "web:1"));
        assertEquals(0, run("import", file), err.toString());
        assertEquals("Imported docker.io/library/web:1\n", out.toString());
        assertEquals(0, run("import", file, "--name", "web:2"));
        assertEquals(0, run("rm", "web:1"));
        assertEquals("Untagged: docker.io/library/web:1\n", out.toString());
        assertEquals(0, run("prune"));
        assertEquals("Total reclaimed space: 0B\n", out.toString());
        assertEquals(0, run("prune", "--all"));
        assertTrue(out.toString().startsWith("Deleted: " + image.id()), out.toString());
        assertEquals(List.of(), test.store().list());
    }

    @Test
    void whatIsWrongIsOneLine() {
        assertEquals(1, run("import", "/nowhere"));
        assertEquals("Error: /nowhere: no such file\n", err.toString());
        assertEquals(1, run("pull", "127.0.0.1:1/x", "--creds", "a:b", "--auth-file", "/x"));
        assertTrue(err.toString().contains("exclude each other"), err.toString());
        assertEquals(2, run("list", "-o", "yaml"));
        assertEquals(2, run());
    }

    @Test
    void sizesHaveThreeDigits() {
        assertEquals("0B", Sizes.shown(0));
        assertEquals("999B", Sizes.shown(999));
        assertEquals("1kB", Sizes.shown(1000));
        assertEquals("1.23kB", Sizes.shown(1234));
        assertEquals("12.3MB", Sizes.shown(12_345_678));
        assertEquals("1GB", Sizes.shown(999_999_999));
        assertEquals("150MB", Sizes.shown(150_000_000));
    }

    @Test
    void aPullIsShownInLinesWhereThereIsNoTerminal() {
        PullBar bar = new PullBar(new PrintWriter(out, true), "web:1", false);
        bar.start(2, 2_000_000);
        bar.bytes(1_000_000);
        bar.unpacking();
        bar.end();
        assertEquals("pulling web:1: 2 parts, 2MB\nunpacking web:1\n", out.toString());
        out.getBuffer().setLength(0);
        PullBar inPlace = new PullBar(new PrintWriter(out, true), "web:1", true);
        inPlace.start(1, 100);
        inPlace.bytes(100);
        inPlace.end();
        assertTrue(out.toString().endsWith("] 100% (100B of 100B)\u001b[K\n"), out.toString());
    }
}
