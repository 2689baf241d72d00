package io.keelson.controllers.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class FeatureFlagsTest {
    private static FeatureFlags of(String... arguments) {
        FeatureFlags flags = new FeatureFlags();
        new CommandLine(CommandLine.Model.CommandSpec.create()
                        .addMixin("features", CommandLine.Model.CommandSpec.forAnnotatedObject(flags)))
                .parseArgs(arguments);
        return flags;
    }

    @Test
    void featuresAreAsKubernetesHasThem() {
        assertTrue(of().isOn("DRADeviceTaints"));
        assertFalse(of().isOn("StorageVersionMigrator"));
        assertFalse(of().isOn("SomethingElse"));
    }

    @Test
    void featuresAreSwitched() {
        FeatureFlags flags = of(
                "--feature-gates=StorageVersionMigrator=true,DRADeviceTaints=f",
                "--feature-gates=kube:PodCertificateRequest=1,Unknown=true");
        assertTrue(flags.isOn("StorageVersionMigrator"));
        assertFalse(flags.isOn("DRADeviceTaints"));
        assertTrue(flags.isOn("PodCertificateRequest"));
        assertFalse(flags.isOn("Unknown"));
    }

    @Test
    void whatIsNoTruthIsRefused() {
        assertEquals(
                "--feature-gates: missing bool value for ClusterTrustBundle",
                assertThrows(IllegalArgumentException.class, of("--feature-gates=ClusterTrustBundle")::all)
                        .getMessage());
        assertEquals(
                "--feature-gates: invalid value of ClusterTrustBundle=maybe, must be true or false",
                assertThrows(IllegalArgumentException.class, of("--feature-gates=ClusterTrustBundle=maybe")::all)
                        .getMessage());
    }
}
