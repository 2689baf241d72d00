package io.keelson.agent.pods.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.keelson.agent.pods.PodAdmission.Refusal;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AllowedSysctlsTest {
    private static final AllowedSysctls ALLOWED =
            new AllowedSysctls(List.of("kernel.msg*", "net.core.somaxconn", "net/ipv6/conf/*", "kernel.sem"));

    private static Pod pod(String sysctl, boolean hostNetwork, boolean hostIpc) {
        return new PodBuilder()
                .withNewMetadata()
                .endMetadata()
                .withNewSpec()
                .withHostNetwork(hostNetwork)
                .withHostIPC(hostIpc)
                .withNewSecurityContext()
                .addNewSysctl("net.ipv4.tcp_syncookies", "1")
                .addNewSysctl(sysctl, "1")
                .endSecurityContext()
                .endSpec()
                .build();
    }

    private static Optional<Refusal> refusal(Pod pod) {
        return ALLOWED.refusal(pod, List.of());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "kernel.shm_rmid_forced",
                "kernel/shm_rmid_forced",
                "net.ipv4.ip_local_port_range",
                "net.ipv4.ping_group_range",
                "net.ipv4.ip_unprivileged_port_start",
                "net.ipv4.ip_local_reserved_ports",
                "net.ipv4.tcp_keepalive_time",
                "net.ipv4.tcp_keepalive_intvl",
                "net.ipv4.tcp_keepalive_probes",
                "net.ipv4.tcp_fin_timeout",
                "net.ipv4.tcp_rmem",
                "net.ipv4.tcp_wmem",
                "kernel.msgmax",
                "kernel/msgmnb",
                "net.core.somaxconn",
                "net/core/somaxconn",
                "net.ipv6.conf.eth0/1.forwarding",
                "kernel.sem"
            })
    void safeOnesAndThoseThatAreAllowedMayBeSet(String name) {
        assertEquals(Optional.empty(), refusal(pod(name, false, false)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"kernel.shmmax", "net.core.somaxconn2", "net.ipv4.ip_forward", "vm.swappiness", "kernel.ms"})
    void othersMayNot(String name) {
        assertEquals(
                Optional.of(new Refusal("SysctlForbidden", "forbidden sysctl: \"" + name + "\" not allowlisted")),
                refusal(pod(name, false, false)));
    }

    @Test
    void thoseOfTheNodeMayNot() {
        assertEquals(
                "forbidden sysctl: \"kernel.msgmax\" not allowed with host IPC enabled",
                refusal(pod("kernel/msgmax", false, true)).orElseThrow().message());
        assertEquals(
                "forbidden sysctl: \"net.ipv4.tcp_syncookies\" not allowed with host Net enabled",
                refusal(pod("kernel.msgmax", true, false)).orElseThrow().message());
        assertEquals(Optional.empty(), refusal(pod("net.core.somaxconn", false, true)));
    }

    @Test
    void whoSetsNoneComesIn() {
        Pod pod = new PodBuilder().withNewSpec().withHostNetwork(true).endSpec().build();
        assertEquals(Optional.empty(), refusal(pod));
        assertEquals(
                Optional.empty(),
                refusal(new PodBuilder(pod)
                        .editSpec()
                        .withNewSecurityContext()
                        .endSecurityContext()
                        .endSpec()
                        .build()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            kernel.* | the sysctls "kernel.*" are not known to be namespaced
            * | the sysctls "*" are not known to be namespaced
            vm.swappiness | the sysctl "vm.swappiness" are not known to be namespaced
            net.*.foo | must have at most 253 characters and match regex
            net..ipv4 | must have at most 253 characters and match regex
            Net.ipv4 | must have at most 253 characters and match regex
            """)
    void whatNoPodCanHaveForItselfCannotBeAllowed(String name, String problem) {
        String text =
                String.valueOf(assertThrows(IllegalArgumentException.class, () -> new AllowedSysctls(List.of(name)))
                        .getMessage());
        assertTrue(text.contains(problem), text);
    }
}
