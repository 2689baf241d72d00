package io.keelson.agent.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.keelson.controllers.testing.ManualTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CredentialProvidersTest {
    private static final ImageName APP = ImageName.parse("1.ecr.example.com/team/app:2");
    private static final RegistryLogin ROBOT = new RegistryLogin("robot", "geheim", Optional.empty());

    private final ManualTime time = new ManualTime(Instant.parse("2026-01-01T00:00:00Z"));

    @TempDir
    private Path folder;

    private Path programs;

    @BeforeEach
    void makeFolder() throws IOException {
        programs = Files.createDirectory(folder.resolve("bin"));
    }

    /** A program that notes what it is given, and says this. */
    private void program(String name, String says) throws IOException {
        Path answer = Files.writeString(folder.resolve(name + ".answer"), says);
        Path program = Files.writeString(programs.resolve(name), """
                #!/bin/sh
                cat > %1$s/request
                echo "$1 $TEAM" >> %1$s/asked
                cat %2$s
                """.formatted(folder, answer));
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    }

    private static String answer(String scope, String kept) {
        return """
                {"apiVersion": "credentialprovider.kubelet.k8s.io/v1", "kind": "CredentialProviderResponse",
                 "cacheKeyType": "%s", %s
                 "auth": {"*.ecr.example.com/team": {"username": "robot", "password": "geheim"}}}
                """.formatted(scope, kept.isEmpty() ? "" : "\"cacheDuration\": \"" + kept + "\",");
    }

    private static String provider(String name) {
        return """
                - name: %s
                  apiVersion: credentialprovider.kubelet.k8s.io/v1
                  matchImages: ["*.ecr.example.com"]
                  defaultCacheDuration: 1h
                  args: [get]
                  env: [{name: TEAM, value: red}]
                """.formatted(name);
    }

    private CredentialProviders read(String providers) throws IOException {
        Path file = Files.writeString(
                folder.resolve("providers.yaml"),
                "apiVersion: kubelet.config.k8s.io/v1\nkind: CredentialProviderConfig\nproviders:\n" + providers);
        return CredentialProviders.read(file, programs, time);
    }

    private List<String> asked() throws IOException {
        Path file = folder.resolve("asked");
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }

    @Test
    void aProgramSaysWhoMayPullAnImage() throws Exception {
        program("ecr", answer("Image", ""));
        CredentialProviders providers = read(provider("ecr"));
        assertEquals(List.of(ROBOT), providers.of(APP));
        assertEquals(List.of("get red"), asked());
        JsonNode request = new ObjectMapper().readTree(folder.resolve("request").toFile());
        assertEquals(
                "credentialprovider.kubelet.k8s.io/v1",
                request.path("apiVersion").asText());
        assertEquals("CredentialProviderRequest", request.path("kind").asText());
        assertEquals("1.ecr.example.com/team/app:2", request.path("image").asText());
        assertEquals(List.of(), providers.of(ImageName.parse("1.ecr.example.com/other/app")));
        assertEquals(List.of(), providers.of(ImageName.parse("quay.io/team/app")));
        assertEquals(2, asked().size());
    }

    @Test
    void theNodesFileComesBeforePrograms() throws Exception {
        program("ecr", answer("Image", ""));
        Path file = Files.writeString(
                folder.resolve("config.json"),
                "{\"auths\":{\"1.ecr.example.com\":{\"username\":\"n\",\"password\":\"p\"}}}");
        assertEquals(
                List.of(new RegistryLogin("n", "p", Optional.empty()), ROBOT),
                new NodeLogins(List.of(file), read(provider("ecr"))).of(APP));
    }

    @ParameterizedTest
    @CsvSource({
        // asked again for: the same image, another of the registry, another registry, the same an hour later
        "Image, '', 0, 1, 1, 1",
        "Registry, '', 0, 0, 1, 1",
        "Global, '', 0, 0, 0, 1",
        "Global, 3h, 0, 0, 0, 0",
        "Global, 0s, 1, 1, 1, 1"
    })
    void whatItSaysIsKeptForWhatItSays(String scope, String kept, int same, int image, int registry, int later)
            throws Exception {
        program("ecr", answer(scope, kept));
        CredentialProviders providers = read(provider("ecr"));
        List<RegistryLogin> _ = providers.of(APP);
        assertEquals(same, more(providers, "1.ecr.example.com/team/app:2"));
        assertEquals(image, more(providers, "1.ecr.example.com/team/tool"));
        assertEquals(registry, more(providers, "2.ecr.example.com/team/app:2"));
        time.advance(Duration.ofHours(1));
        assertEquals(later, more(providers, "1.ecr.example.com/team/app:2"));
    }

    private int more(CredentialProviders providers, String image) throws Exception {
        int before = asked().size();
        assertEquals(List.of(ROBOT), providers.of(ImageName.parse(image)));
        return asked().size() - before;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "{}",
                "{\"apiVersion\": \"credentialprovider.kubelet.k8s.io/v2\", \"kind\": \"CredentialProviderResponse\"}",
                "{\"apiVersion\": \"credentialprovider.kubelet.k8s.io/v1\", \"kind\": \"CredentialProviderResponse\"}"
            })
    void whoSaysNonsenseOrFailsDoesNotKeepOthersFromSpeaking(String nonsense) throws Exception {
        program("mad", nonsense);
        program("ecr", answer("Image", ""));
        Path failing = Files.writeString(programs.resolve("ill"), "#!/bin/sh\nexit 3\n");
        Files.setPosixFilePermissions(failing, PosixFilePermissions.fromString("rwx------"));
        assertEquals(
                List.of(ROBOT),
                read(provider("mad") + provider("ill") + provider("ecr")).of(APP));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            name: ecr | name: ../ecr | providers[0].name: "../ecr" is no name of a program
            name: ecr | name: other | there is no program
            args: | arguments: | providers[0].arguments: unknown field
            args: | tokenAttributes: | providers[0].tokenAttributes: cannot be had
            kubelet.k8s.io/v1 | kubelet.k8s.io/v3 | providers[0].apiVersion: "credentialprovider.kubelet.k8s.io/v3" is none of
            1h | soon | providers[0].defaultCacheDuration:
            defaultCacheDuration: 1h | env: [] | providers[0].defaultCacheDuration: is required
            ["*.ecr.example.com"] | [] | providers[0].matchImages: at least 1 item is required
            """)
    void whatMakesNoSenseIsNamed(String before, String after, String expected) throws IOException {
        program("ecr", answer("Image", ""));
        String text = provider("ecr");
        if (after.startsWith("env")) {
            text = text.replace("  env: [{name: TEAM, value: red}]\n", "");
        }
        String changed = text.replace(before, after);
        Exception refusal = assertThrows(Exception.class, () -> read(changed));
        assertTrue(String.valueOf(refusal.getMessage()).contains(expected), refusal.toString());
    }

    @Test
    void ofOneNameThereIsOneProgram() throws IOException {
        program("ecr", answer("Image", ""));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> read(provider("ecr") + provider("ecr")))
                .toString()
                .endsWith("providers[1].name: \"ecr\" is there twice"));
    }
}
