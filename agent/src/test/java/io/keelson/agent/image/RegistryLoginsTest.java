package io.keelson.agent.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegistryLoginsTest {
    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    static Secret secret(String name, String type, String key, String text) {
        return new SecretBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace("default")
                .endMetadata()
                .withType(type)
                .addToData(key, base64(text))
                .build();
    }

    static Secret config(String name, String text) {
        return secret(name, "kubernetes.io/dockerconfigjson", ".dockerconfigjson", text);
    }

    private static List<String> users(String image, String... places) {
        RegistryLogins logins = new RegistryLogins();
        for (String place : places) {
            logins.add(place, new RegistryLogin(place, "p", Optional.empty()));
        }
        return logins.of(ImageName.parse(image)).stream()
                .map(RegistryLogin::username)
                .toList();
    }

    @Test
    void aLongerPathComesBeforeItsRegistry() {
        assertEquals(
                List.of("quay.io/team/app", "quay.io/team", "quay.io"),
                users("quay.io/team/app:1", "quay.io", "quay.io/team", "quay.io/other", "quay.io/team/app"));
    }

    @Test
    void aHostMatchesInFullOrByItsParts() {
        assertEquals(List.of("*.example.com"), users("r.example.com/app", "*.example.com", "example.com"));
        assertEquals(List.of(), users("a.b.example.com/app", "*.example.com"));
        assertEquals(List.of("r[0-9].example.*"), users("r1.example.org/app", "r[0-9].example.*"));
        assertEquals(
                List.of("r[^2].example.com"), users("r1.example.com/app", "r[^2].example.com", "r[^1].example.com"));
        assertEquals(List.of(), users("quay.io.evil.org/app", "quay.io"));
    }

    @Test
    void thePortHasToBeTheSame() {
        assertEquals(
                List.of("localhost:5000"),
                users("localhost:5000/app", "localhost", "localhost:5000", "localhost:6000"));
        assertEquals(List.of("[fd00::1]:5000"), users("[fd00::1]:5000/app", "[fd00::1]:5000", "[fd00::1]"));
    }

    @Test
    void schemeAndVersionOfAPlaceMeanNothing() {
        assertEquals(List.of("https://quay.io/v1/"), users("quay.io/app", "https://quay.io/v1/"));
        assertEquals(List.of("http://quay.io/v2/team"), users("quay.io/team/app", "http://quay.io/v2/team"));
        assertEquals(List.of("quay.io/?x#y"), users("quay.io/app", "quay.io/?x#y"));
    }

    @Test
    void imagesWithoutARegistryAreDockersOwn() {
        String docker = "https://index.docker.io/v1/";
        assertEquals(List.of(docker), users("busybox", docker));
        assertEquals(List.of(docker), users("docker.io/team/app", docker));
        assertEquals(List.of("docker.io"), users("busybox", docker, "docker.io"));
        assertEquals(List.of(), users("quay.io/app", docker));
    }

    @Test
    void bothTypesOfSecretsAreRead() {
        String entry = "{\"quay.io\":{\"username\":\"u1\",\"password\":\"p1\"}}";
        String withAuth = "{\"auths\":{\"quay.io\":{\"auth\":\"" + base64("u2:p:2") + "\"}}}";
        RegistryLogins logins = RegistryLogins.of(List.of(
                secret("old", "kubernetes.io/dockercfg", ".dockercfg", entry),
                config("new", withAuth),
                config("same", withAuth),
                secret("none", "Opaque", ".dockerconfigjson", withAuth),
                config("empty", "")));
        assertEquals(
                List.of("u1 p1 old", "u2 p:2 new", "u2 p:2 same"),
                logins.of(ImageName.parse("quay.io/app")).stream()
                        .map(login -> login.username() + " " + login.password() + " "
                                + login.secret().orElseThrow().name())
                        .toList());
    }

    @Test
    void aDamagedSecretIsNamedButNotQuoted() {
        for (String damaged : List.of(
                "{\"auths\":{\"quay.io\":{\"auth\":\"" + base64("geheim") + "\"}}}",
                "{\"auths\":{\"quay.io\":{\"auth\":\"geheim!\"}}}",
                "{\"auths\": geheim}",
                "[".repeat(5000) + "geheim")) {
            IllegalArgumentException refusal = assertThrows(
                    IllegalArgumentException.class, () -> RegistryLogins.of(List.of(config("broken", damaged))));
            String message = String.valueOf(refusal.getMessage());
            assertTrue(message.contains("\"broken\""), message);
            assertFalse(message.contains("geheim"), message);
        }
        for (String odd : List.of("[]", "3", "null", "{\"auths\":7}", "{\"auths\":{\"a\":null}}")) {
            RegistryLogins logins = RegistryLogins.of(List.of(config("odd", odd)));
            assertTrue(logins.of(ImageName.parse("quay.io/app")).isEmpty());
        }
        assertFalse(
                new RegistryLogin("u", "geheim", Optional.empty()).toString().contains("geheim"));
    }

    @Test
    void theNodesOwnFileIsTheFirstOneThatIsThere(@TempDir Path folder) throws Exception {
        Path missing = folder.resolve("missing.json");
        Path damaged = Files.writeString(folder.resolve("damaged.json"), "{");
        Path good = Files.writeString(
                folder.resolve("good.json"), "{\"auths\":{\"quay.io\":{\"auth\":\"" + base64("n:p") + "\"}}}");
        NodeLogins logins = new NodeLogins(List.of(missing, damaged, good), CredentialProviders.none());
        assertEquals(List.of(new RegistryLogin("n", "p", Optional.empty())), logins.of(ImageName.parse("quay.io/app")));
    }

    @Provide
    Arbitrary<String> patterns() {
        return Arbitraries.strings().withChars('a', 'b', '*', '?').ofMaxLength(8);
    }

    @Provide
    Arbitrary<String> hosts() {
        return Arbitraries.strings().withChars('a', 'b').ofMaxLength(8);
    }

    @Property(tries = 500)
    void patternsMeanWhatTheyMeanAsRegularExpressions(
            @ForAll("patterns") String pattern, @ForAll("hosts") String host) {
        String expression = pattern.replace("*", ".*").replace("?", ".");
        assertEquals(Pattern.matches(expression, host), HostPattern.matches(pattern, host));
    }

    @Property(tries = 300)
    void anyPatternIsTakenInShortTime(@ForAll String pattern, @ForAll("hosts") String host) {
        boolean _ = HostPattern.matches(pattern, host);
        boolean _ = HostPattern.parse(pattern).matches("quay.io/" + host);
    }

    @Test
    void manyStarsTakeNoLongTime() {
        assertFalse(HostPattern.matches("*a".repeat(500) + "c", "a".repeat(5000)));
        assertFalse(HostPattern.matches("[a", "a"));
        assertFalse(HostPattern.matches("a\\", "a"));
        assertTrue(HostPattern.matches("\\*", "*"));
    }
}
