package io.keelson.agent.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import java.time.Duration;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageNameTest {
    private static final String HASH = "0123456789abcdef".repeat(4);

    @ParameterizedTest
    @CsvSource({
        "busybox, docker.io/library/busybox:latest, busybox:latest",
        "busybox:1.36, docker.io/library/busybox:1.36, busybox:1.36",
        "team/app, docker.io/team/app:latest, team/app:latest",
        "docker.io/busybox, docker.io/library/busybox:latest, docker.io/busybox:latest",
        "index.docker.io/busybox, docker.io/library/busybox:latest, index.docker.io/busybox:latest",
        "localhost/app, localhost/app:latest, localhost/app:latest",
        "localhost:5000/app, localhost:5000/app:latest, localhost:5000/app:latest",
        "quay.io/a/b__c:v1, quay.io/a/b__c:v1, quay.io/a/b__c:v1",
        "Host/app, Host/app:latest, Host/app:latest",
        "[fd00::1]:5000/app:x, [fd00::1]:5000/app:x, [fd00::1]:5000/app:x",
    })
    void whatIsLeftOutIsAddedButNoRegistryForTheRuntime(String name, String qualified, String tagged) {
        assertEquals(qualified, ImageName.parse(name).qualified());
        assertEquals(tagged, ImageName.tagged(name));
    }

    @Test
    void aDigestNeedsNoTag() {
        String name = "quay.io/app@sha256:" + HASH;
        assertEquals("", ImageName.parse(name).tag());
        assertEquals(name, ImageName.tagged(name));
        assertEquals(name, ImageName.parse(name).qualified());
        assertEquals("1", ImageName.parse("app:1@sha256:" + HASH).tag());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":",
                "a:",
                ":1",
                "a b",
                "a//b",
                "/a",
                "a/",
                "-a",
                "a-",
                "a..b",
                "a___b",
                "a@",
                "a@sha256:",
                "a@sha256:12",
                "a@md5:0123456789abcdef0123456789abcdef",
                "a@sha256:0123456789abcdef0123456789abcdef",
                "host:port/a",
                "a:1:2",
                "ä",
                "a\n",
                "../a",
                "http://a/b",
                "[::1/a",
                "a:b/c:d"
            })
    void refusesWhatIsNoName(String name) {
        assertThrows(IllegalArgumentException.class, () -> ImageName.parse(name));
    }

    @Test
    void saysWhyItRefuses() {
        assertEquals(
                "couldn't parse image name \"Foo\": invalid reference format: repository name "
                        + "(library/Foo) must be lowercase",
                refusal("Foo"));
        assertEquals("couldn't parse image name \"a b\": invalid reference format", refusal("a b"));
        assertEquals(
                "couldn't parse image name \"" + HASH + "\": invalid repository name (" + HASH
                        + "), cannot specify 64-byte hexadecimal strings",
                refusal(HASH));
    }

    private static String refusal(String name) {
        return String.valueOf(assertThrows(IllegalArgumentException.class, () -> ImageName.parse(name))
                .getMessage());
    }

    @Test
    void aHugeNameIsRefusedAtOnce() {
        assertTimeout(Duration.ofSeconds(20), () -> {
            for (String part : new String[] {"a", "a-", "a.", "__", "-", "a/"}) {
                assertThrows(IllegalArgumentException.class, () -> ImageName.parse(part.repeat(100_000)));
                assertThrows(IllegalArgumentException.class, () -> ImageName.parse("x" + part.repeat(400) + "!"));
            }
        });
    }

    @Provide
    Arbitrary<String> names() {
        Arbitrary<String> registry = Arbitraries.of("", "", "quay.io/", "localhost/", "r:5000/", "docker.io/");
        Arbitrary<String> path = Arbitraries.of("a", "a/b", "library/c", "a.b/c-d/e__f", "0");
        Arbitrary<String> tag = Arbitraries.of("", ":latest", ":1", ":v_1.2-3");
        Arbitrary<String> digest = Arbitraries.of("", "", "@sha256:" + HASH);
        return Combinators.combine(registry, path, tag, digest).as((r, p, t, d) -> r + p + t + d);
    }

    @Property(tries = 200)
    void aQualifiedNameIsTheSameImageAndStaysAsItIs(@ForAll("names") String name) {
        ImageName parsed = ImageName.parse(name);
        assertEquals(parsed, ImageName.parse(parsed.qualified()));
        assertEquals(parsed, ImageName.parse(ImageName.tagged(name)));
    }
}
