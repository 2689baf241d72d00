package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Flags that may only say what is so. */
final class FixedFlagsTest {
    @Test
    void whatIsSoMayBeSaid(@TempDir Path folder) throws Exception {
        ApiServerConfig config = Flags.config(
                folder,
                "--emulated-version=kube=1.36",
                "--min-compatibility-version=1.35",
                "--logging-format=json",
                "--log-json-split-stream",
                "--log-text-info-buffer-size=0",
                "--log-json-info-buffer-size=0",
                "--log-flush-frequency=1s",
                "--storage-initialization-timeout=2m",
                "--show-hidden-metrics-for-version=1.35",
                "--emulation-forward-compatible=false",
                "--runtime-config-emulation-forward-compatible=false",
                "--contention-profiling=false",
                "--aggregator-reject-forwarding-redirect",
                "--kubernetes-service-node-port=0",
                "--enable-logs-handler=false",
                "--apiserver-count=3",
                "--kubelet-port=10250",
                "--kubelet-read-only-port=10255");
        try (ApiServer server = ApiServer.start(config);
                Caller admin = Caller.admin(server)) {
            Caller.Answer version = admin.get("/version").succeeded();
            assertEquals("36", version.at("/emulationMinor"));
            assertEquals("35", version.at("/minCompatibilityMinor"));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    --emulated-version=kube=1.35                   | --emulated-version: kube=1.35 cannot be had, only kube=1.36
                    --min-compatibility-version=1.30               | --min-compatibility-version: 1.30 cannot be had, only kube=1.35
                    --logging-format=xml                           | --logging-format: Unsupported log format "xml", supported are json and text
                    --log-json-info-buffer-size=64Ki               | --log-json-info-buffer-size=64Ki cannot be had, only 0: every line is written at once
                    --log-flush-frequency=-1s                      | --log-flush-frequency can not be negative value
                    --storage-initialization-timeout=-1s           | --storage-initialization-timeout can not be negative value
                    --show-hidden-metrics-for-version=1.34         | --show-hidden-metrics-for-version must be omitted or have the value '1.35'. Only the previous minor version is allowed
                    --emulation-forward-compatible                 | --emulation-forward-compatible=true: can only be set to true if the emulation version is lower than the binary version
                    --contention-profiling                         | --contention-profiling=true: there are no profiles of locks
                    --aggregator-reject-forwarding-redirect=false  | --aggregator-reject-forwarding-redirect=false: redirects are always kept from clients
                    --kubernetes-service-node-port=30443           | --kubernetes-service-node-port=30443: the Service kubernetes has no port of nodes
                    --enable-logs-handler                          | --enable-logs-handler=true: the log is on the standard error, and no file is served
                    --apiserver-count=0                            | --apiserver-count should be a positive number, but value '0' provided
                    --kubelet-port=10251                           | --kubelet-port=10251: agents are where the status of their node says, or else at 10250
                    """)
    void whatIsNotSoIsRefused(String flag, String why, @TempDir Path folder) {
        assertEquals(
                why,
                assertThrows(IllegalArgumentException.class, () -> Flags.config(folder, flag))
                        .getMessage());
    }
}
