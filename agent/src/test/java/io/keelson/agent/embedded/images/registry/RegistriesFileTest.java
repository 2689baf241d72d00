package io.keelson.agent.embedded.images.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.agent.embedded.images.ImageProblem;
import io.keelson.agent.embedded.images.Reference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RegistriesFileTest {
    private static final Credentials ASKED = Credentials.of("pod", "secret");

    @TempDir
    private Path folder;

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("registries.yaml"), text);
    }

    private static String refusal(Path file) {
        return String.valueOf(
                assertThrows(IOException.class, () -> RegistriesFile.read(file)).getMessage());
    }

    private static List<String> ways(RegistryHosts hosts, String image) throws IOException {
        return hosts.routes(Reference.parse(image), ASKED).stream()
                .map(route -> route.base() + " " + route.credentials())
                .toList();
    }

    @Test
    void registriesAreReachedUnderTheirOwnNamesIfNothingIsSaid() throws IOException {
        assertEquals(
                List.of("https://registry-1.docker.io/v2/library/busybox/ credentials of pod"),
                ways(RegistryHosts.USUAL, "busybox"));
        assertEquals(
                List.of("http://127.0.0.1:5000/v2/a/b/ credentials of pod"),
                ways(RegistryHosts.USUAL, "127.0.0.1:5000/a/b:1"));
        assertEquals(
                List.of("http://plain.example/v2/a/ credentials of pod"),
                ways(RegistryHosts.USUAL.withPlain(Set.of("plain.example")), "plain.example/a"));
        assertEquals(
                List.of("https://registry.example/v2/a/ credentials of pod"),
                ways(RegistriesFile.read(file("mirrors:\nconfigs: {}\n")), "registry.example/a"));
    }

    @Test
    void mirrorsAreAskedInTheirOrderAndGetNoCredentialsOfTheRegistry() throws IOException {
        RegistryHosts hosts = RegistriesFile.read(file("""
                mirrors:
                  docker.io:
                    endpoint: ["https://one.example:5000", "http://two.example/cache/v2/"]
                    rewrite:
                      "^library/(.*)$": "docker/$1"
                  "*":
                    endpoint: ["https://all.example"]
                  own.example:
                    endpoint: ["http://own.example"]
                configs:
                  "one.example:5000":
                    auth: {username: node, password: p}
                """));
        assertEquals(
                List.of(
                        "https://one.example:5000/v2/docker/busybox/ credentials of node",
                        "http://two.example/cache/v2/docker/busybox/ credentials",
                        "https://registry-1.docker.io/v2/library/busybox/ credentials of pod"),
                ways(hosts, "busybox"));
        assertEquals(
                List.of("https://all.example/v2/a/ credentials", "https://other.example/v2/a/ credentials of pod"),
                ways(hosts, "other.example/a"));
        // The file says how the registry itself is reached: it is not asked by TLS afterwards.
        assertEquals(List.of("http://own.example/v2/a/ credentials of pod"), ways(hosts, "own.example/a"));
    }

    @Test
    void whoAsksForNobodyIsKnownByTheFilesCredentials() throws IOException {
        RegistryHosts hosts = RegistriesFile.read(file("""
                configs:
                  docker.io:
                    auth: {auth: bm9kZTpw}
                  "*":
                    auth: {username: anybody, password: p}
                """));
        Route docker =
                hosts.routes(Reference.parse("busybox"), Credentials.NONE).getFirst();
        assertEquals(Credentials.of("node", "p"), docker.credentials());
        assertEquals(
                Credentials.of("anybody", "p"),
                hosts.routes(Reference.parse("x.example/a"), Credentials.NONE)
                        .getFirst()
                        .credentials());
    }

    @Test
    void aPathThatIsMadeWrongIsAnError() throws IOException {
        RegistryHosts hosts = RegistriesFile.read(
                file("mirrors: {docker.io: {endpoint: ['https://m.example'], rewrite: {'library': '../../etc'}}}"));
        ImageProblem problem =
                assertThrows(ImageProblem.class, () -> hosts.routes(Reference.parse("busybox"), Credentials.NONE));
        assertEquals(ImageProblem.Kind.INVALID, problem.kind());
        assertTrue(problem.toString().contains("\"../../etc/busybox\""), problem.toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[]|:1: must have fields: mirrors, configs",
                "mirror: {}|:1: there is no field \"mirror\"; there are mirrors, configs",
                "mirrors: 5|:1: mirrors: must be a map",
                "mirrors: {docker.io: {endpoint: 'https://m.example'}}|mirrors.docker.io.endpoint: must be a list",
                "mirrors: {'a b': {}}|\"a b\" is no HOST or HOST:PORT",
                "mirrors: {docker.io: {endpoint: [m.example]}}|\"m.example\" is no address as https://mirror.example:5000",
                "mirrors: {docker.io: {endpoint: ['ftp://m.example']}}|\"ftp://m.example\" is no address",
                "mirrors: {docker.io: {endpoint: ['https://u:p@m.example']}}|is no address",
                "mirrors: {docker.io: {rewrite: {'(': 'a'}}}|\"(\" is no regular expression",
                "mirrors: {docker.io: {rewrite: {'a': '$1'}}}|\"$1\" may say $1",
                "mirrors: {docker.io: {rewrite: {'(a)': '${x}'}}}|may say $1",
                "configs: {m.example: {auth: {auth: '%'}}}|configs.m.example.auth: credentials are not USER:PASSWORD",
                "configs: {m.example: {tls: {ca_file: /nowhere/ca.pem}}}|/nowhere/ca.pem cannot be read",
                "configs: {m.example: {tls: {ca_file: /dev/null}}}|ca_file /dev/null has no certificates in it",
                "configs: {m.example: {tls: {cert_file: /etc/hosts}}}|cert_file and key_file belong together",
                "configs: {m.example: {tls: {cert_file: /etc/hosts, key_file: /etc/hosts}}}|the certificates cannot be used",
                "configs: {m.example: {tls: {insecure_skip_verify: maybe}}}|must be one of true, false",
            })
    void whatMakesNoSenseIsNamed(String text, String why) throws IOException {
        Path file = file(text);
        String said = refusal(file);
        assertTrue(said.contains(why) && said.startsWith(file + ":1: "), said);
    }

    @Test
    void aFileThatIsMissingOrTooLargeIsNamed() throws IOException {
        Path missing = folder.resolve("none.yaml");
        String said = refusal(missing);
        assertTrue(said.contains(missing.toString()), said);
        Path large = file("mirrors: " + "#".repeat(9 << 20));
        assertTrue(refusal(large).contains("8 MiB"));
    }
}
