package io.keelson.agent.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.agent.wire.cri.Image;
import io.keelson.controllers.testing.ManualTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PullRecordsTest {
    private static final ImageName IMAGE = ImageName.parse("quay.io/team/web:1");
    private static final String ID = "sha256:abc";
    private static final SecretIdentity MINE = new SecretIdentity("u1", "default", "mine", "h1");
    private static final SecretIdentity OTHERS = new SecretIdentity("u2", "other", "theirs", "h2");

    @TempDir
    private Path folder;

    private final ManualTime time = new ManualTime(Instant.parse("2026-01-01T00:00:00Z"));
    private PullRecords records;

    @BeforeEach
    void open() throws IOException {
        records = records(CredentialPolicy.DEFAULT);
    }

    private PullRecords records(CredentialPolicy policy) throws IOException {
        return new PullRecords(folder, policy, time);
    }

    private void pulled(SecretIdentity... secret) throws IOException {
        records.begin(IMAGE);
        records.succeeded(IMAGE, ID, Stream.of(secret).findFirst());
    }

    private boolean mayUse(SecretIdentity... own) {
        return records.mayUse(IMAGE, ID, () -> List.of(own));
    }

    private List<String> files(String kind) throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve(kind))) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    @Test
    void whatOthersPutThereIsForEverybody() {
        assertTrue(mayUse());
    }

    @Test
    void whatNeededNoPasswordIsForEverybody() throws Exception {
        pulled();
        assertTrue(mayUse());
        pulled(MINE);
        assertTrue(mayUse());
        assertEquals(List.of(), files("pulling"));
    }

    @Test
    void whatWasPulledWithASecretIsForPodsWithThatSecretOrItsPassword() throws Exception {
        pulled(MINE);
        assertFalse(mayUse());
        assertFalse(mayUse(OTHERS));
        assertTrue(mayUse(OTHERS, MINE));
        // The password was changed.
        assertTrue(mayUse(new SecretIdentity("u1", "default", "mine", "h3")));
        // It is known from now on, also in another secret.
        assertTrue(mayUse(new SecretIdentity("u9", "ns", "copy", "h3")));
        // A secret of the same name that somebody else made is another one.
        assertFalse(mayUse(new SecretIdentity("u8", "default", "mine", "h8")));
        assertFalse(mayUse(new SecretIdentity("u8", "ns", "none", "")));
        pulled(OTHERS);
        assertTrue(mayUse(OTHERS) && mayUse(MINE));
    }

    @Test
    void anotherNameOfTheSameImageIsAskedForOnItsOwn() throws Exception {
        pulled();
        assertFalse(records.mayUse(ImageName.parse("quay.io/secret/web:1"), ID, List::of));
        assertTrue(records.mayUse(ImageName.parse("quay.io/team/web:2"), ID, List::of));
    }

    @Test
    void aRestartForgetsNothing() throws Exception {
        pulled(MINE);
        records = records(CredentialPolicy.DEFAULT);
        assertFalse(mayUse(OTHERS));
        assertTrue(mayUse(MINE));
    }

    @Test
    void whatWasPulledWhenTheAgentDiedIsForNobodyUntilHeShowsThatHeMay() throws Exception {
        records.begin(IMAGE);
        assertFalse(mayUse());
        records = records(CredentialPolicy.DEFAULT);
        records.recover(List.of(
                Image.newBuilder().setId(ID).addRepoTags("quay.io/team/web:1").build()));
        assertEquals(List.of(), files("pulling"));
        assertFalse(mayUse(MINE));
        pulled(MINE);
        assertTrue(mayUse(MINE));
    }

    @Test
    void aPullThatFailedLeavesNothing() throws Exception {
        records.begin(IMAGE);
        records.begin(IMAGE);
        records.failed(IMAGE);
        assertEquals(1, files("pulling").size());
        records.failed(IMAGE);
        assertEquals(List.of(), files("pulling"));
        assertTrue(mayUse());
    }

    @Test
    void imagesThatAreGoneAreForgotten() throws Exception {
        pulled(MINE);
        records.prune(Set.of(), time.instant());
        assertEquals(1, files("pulled").size());
        time.advance(Duration.ofSeconds(2));
        records.prune(Set.of(ID), time.instant());
        assertEquals(1, files("pulled").size());
        records.prune(Set.of(), time.instant());
        assertEquals(List.of(), files("pulled"));
    }

    @Test
    void aDamagedRecordLetsNobodyInAndIsReplacedByTheNextPull() throws Exception {
        pulled();
        Path file = folder.resolve("pulled").resolve(files("pulled").getFirst());
        for (String damaged : List.of("", "{", "[]", "{\"kind\":\"ImagePulledRecord\",\"lastUpdatedTime\":\"x\"}")) {
            Files.writeString(file, damaged);
            assertFalse(mayUse());
        }
        Files.write(file, new byte[2 << 20]);
        assertFalse(mayUse());
        pulled(MINE);
        assertTrue(mayUse(MINE));
    }

    @Test
    void filesAreForTheirOwnerAndAsTheKubeletWritesThem() throws Exception {
        pulled(MINE);
        Path file = folder.resolve("pulled").resolve(files("pulled").getFirst());
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        assertEquals("sha256-" + PullRecords.hash(ID), file.getFileName().toString());
        assertEquals(
                "{\"kind\":\"ImagePulledRecord\",\"apiVersion\":\"kubelet.config.k8s.io/v1beta1\",\"lastUpdatedTime\":"
                        + "\"2026-01-01T00:00:00Z\",\"imageRef\":\"sha256:abc\","
                        + "\"credentialMapping\":{\"quay.io/team/web\":"
                        + "{\"kubernetesSecrets\":[{\"uid\":\"u1\",\"namespace\":\"default\",\"name\":\"mine\","
                        + "\"credentialHash\":\"h1\"}]}}}",
                Files.readString(file));
        // One of the kubelet's own.
        Files.writeString(
                file,
                "{\"kind\":\"ImagePulledRecord\",\"apiVersion\":\"kubelet.config.k8s.io/v1alpha1\",\"lastUpdatedTime\":"
                        + "\"2024-10-21T12:26:40Z\",\"imageRef\":\"sha256:abc\","
                        + "\"credentialMapping\":{\"quay.io/team/web\":"
                        + "{\"nodePodsAccessible\":true}}}");
        assertTrue(mayUse());
    }

    @Test
    void manySecretsDoNotMakeARecordGrowForEver() throws Exception {
        pulled(MINE);
        for (int i = 0; i < 150; i++) {
            assertTrue(mayUse(new SecretIdentity("s" + i, "ns" + i, "copy", "h1")));
        }
        Path file = folder.resolve("pulled").resolve(files("pulled").getFirst());
        assertEquals(
                100,
                PullRecord.parse(Files.readString(file))
                        .access()
                        .getOrDefault("quay.io/team/web", new PullRecord.Access(true, List.of()))
                        .secrets()
                        .size());
    }

    @Test
    void thePolicySaysOfWhichImagesItIsAsked() throws Exception {
        records = records(new CredentialPolicy(CredentialPolicy.Kind.ALWAYS_VERIFY, List.of()));
        assertFalse(mayUse(MINE));
        pulled(MINE);
        records = records(new CredentialPolicy(CredentialPolicy.Kind.of("NeverVerify"), List.of()));
        assertTrue(mayUse());
        records = records(new CredentialPolicy(
                CredentialPolicy.Kind.NEVER_VERIFY_ALLOWLISTED, List.of("quay.io/team/*", "docker.io/library/x")));
        assertTrue(mayUse());
        assertTrue(records.mayUse(ImageName.parse("x:2"), ID, List::of));
        assertFalse(records.mayUse(ImageName.parse("xy:2"), ID, List::of));
        assertFalse(records.mayUse(ImageName.parse("quay.io/teammate/web"), ID, List::of));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " a", "busybox", "quay.io/a:1", "quay.io/*/b", "quay.io/a*", "/*", "*", "A/b C"})
    void aListThatMakesNoSenseIsRefused(String pattern) {
        assertThrows(
                IllegalArgumentException.class,
                () -> new CredentialPolicy(CredentialPolicy.Kind.NEVER_VERIFY_ALLOWLISTED, List.of(pattern)));
        assertThrows(IllegalArgumentException.class, () -> CredentialPolicy.Kind.of("Sometimes"));
    }
}
