package io.keelson.apiserver.admission.podsecurity;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.keelson.apiserver.object.Yaml;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What each check says about pods, and from which release on. */
final class ChecksTest {
    private static final String GOOD =
            "allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}, runAsNonRoot: true,"
                    + " seccompProfile: {type: RuntimeDefault}";

    private static String findings(String level, String version, String pod) {
        Level parsed = Objects.requireNonNull(Level.parse(level));
        int minor = Objects.requireNonNull(Standard.parseVersion(version));
        PodView view = PodView.of(Yaml.parseObject(pod.getBytes(StandardCharsets.UTF_8), new ArrayList<>()));
        return Finding.details(Checks.findings(new Standard(parsed, minor), view));
    }

    private static String container(String security) {
        return "{spec: {containers: [{name: c, securityContext: {" + security + "}}]}}";
    }

    private static String precautious(String podSpec, String container) {
        return "{spec: {" + podSpec + " containers: [{name: c, " + container + " securityContext: {" + GOOD + "}}]}}";
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        hostNetwork: true, hostIPC: true, hostPID: true | host namespaces (hostNetwork=true, hostPID=true, hostIPC=true)
        volumes: [{name: a, hostPath: {path: /}}, {name: b, emptyDir: {}}] | hostPath volumes (volume "a")
        volumes: [{name: b, hostPath: {path: /}}, {name: a, hostPath: {path: /}}] | hostPath volumes (volumes "b", "a")
        containers: [{name: c, ports: [{hostPort: 80}, {hostPort: 0}]}] | hostPort (container "c" uses hostPort 80)
        containers: [{name: c, ports: [{hostPort: 80}]}, {name: d, ports: [{hostPort: 9}]}] | hostPort (containers "c", "d" use hostPorts 80, 9)
        containers: [{name: c, livenessProbe: {httpGet: {host: h}}}] | probe or lifecycle host (container "c" uses probe or lifecycle host "h")
        containers: [{name: c, lifecycle: {preStop: {tcpSocket: {host: h}}}}] | probe or lifecycle host (container "c" uses probe or lifecycle host "h")
        containers: [{name: c, securityContext: {privileged: true}}] | privileged (container "c" must not set securityContext.privileged=true)
        initContainers: [{name: i, securityContext: {privileged: true}}] | privileged (container "i" must not set securityContext.privileged=true)
        ephemeralContainers: [{name: e, securityContext: {privileged: true}}] | privileged (container "e" must not set securityContext.privileged=true)
        containers: [{name: c, securityContext: {capabilities: {add: [KILL, SYS_ADMIN, BPF]}}}] | non-default capabilities (container "c" must not include "BPF", "SYS_ADMIN" in securityContext.capabilities.add)
        containers: [{name: c, securityContext: {procMount: Unmasked}}] | procMount (container "c" must not set securityContext.procMount to "Unmasked")
        securityContext: {seLinuxOptions: {user: u, role: r}} | seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: user may not be set; role may not be set)
        securityContext: {seLinuxOptions: {type: x}}, containers: [{name: c, securityContext: {seLinuxOptions: {type: w}}}] | seLinuxOptions (pod and container "c" set forbidden securityContext.seLinuxOptions: types "w", "x")
        securityContext: {seccompProfile: {type: Unconfined}} | seccompProfile (pod must not set securityContext.seccompProfile.type to "Unconfined")
        securityContext: {appArmorProfile: {type: Unconfined}} | forbidden AppArmor profile (pod must not set AppArmor profile type to "Unconfined")
        securityContext: {sysctls: [{name: kernel.msgmax}, {name: kernel.shm_rmid_forced}]} | forbidden sysctls (kernel.msgmax)
        securityContext: {windowsOptions: {hostProcess: true}} | hostProcess (pod must not set securityContext.windowsOptions.hostProcess=true)
        """)
    void baselineForbids(String spec, String expected) {
        String pod = "{spec: {" + spec + "}}";
        assertEquals(expected, findings("baseline", "latest", pod));
        assertEquals("", findings("privileged", "latest", pod));
    }

    @Test
    void restrictedTellsAllThatIsMissing() {
        assertEquals(
                "allowPrivilegeEscalation != false (container \"c\" must set securityContext.allowPrivilegeEscalation=false),"
                        + " unrestricted capabilities (container \"c\" must set securityContext.capabilities.drop=[\"ALL\"]),"
                        + " runAsNonRoot != true (pod or container \"c\" must set securityContext.runAsNonRoot=true),"
                        + " seccompProfile (pod or container \"c\" must set securityContext.seccompProfile.type to"
                        + " \"RuntimeDefault\" or \"Localhost\")",
                findings("restricted", "latest", container("")));
        assertEquals("", findings("restricted", "latest", container(GOOD)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        volumes: [{name: a, hostPath: {path: /}}, {name: b, nfs: {}}, {name: d, secret: {}}], | restricted volume types (volumes "a", "b" use restricted volume types "hostPath", "nfs")
        volumes: [{name: a, image: {reference: r}}], | restricted volume types (volume "a" uses restricted volume type "unknown")
        securityContext: {runAsNonRoot: false}, | runAsNonRoot != true (pod must not set securityContext.runAsNonRoot=false)
        securityContext: {runAsUser: 0}, | runAsUser=0 (pod must not set runAsUser=0)
        securityContext: {seccompProfile: {type: Unconfined}}, | seccompProfile (pod must not set securityContext.seccompProfile.type to "Unconfined")
        """)
    void restrictedForbids(String spec, String expected) {
        assertEquals(expected, findings("restricted", "latest", precautious(spec, "")));
    }

    @Test
    void addingIsForbiddenBesidesDropping() {
        assertEquals(
                "unrestricted capabilities (container \"c\" must set securityContext.capabilities.drop=[\"ALL\"]; container"
                        + " \"c\" must not include \"CHOWN\" in securityContext.capabilities.add)",
                findings(
                        "restricted",
                        "latest",
                        container(GOOD.replace("drop: [ALL]", "drop: [KILL], add: [CHOWN, NET_BIND_SERVICE]"))));
    }

    @ParameterizedTest
    @CsvSource({
        "v1.26, net.ipv4.ip_local_reserved_ports, false",
        "v1.27, net.ipv4.ip_local_reserved_ports, true",
        "v1.28, net.ipv4.tcp_keepalive_time, false",
        "v1.29, net.ipv4.tcp_keepalive_time, true",
        "v1.31, net.ipv4.tcp_rmem, false",
        "v1.32, net.ipv4.tcp_rmem, true",
        "v1.99, net.ipv4.tcp_rmem, true",
        "latest, net.ipv4.tcp_rmem, true"
    })
    void laterReleasesAllowMoreSysctls(String version, String sysctl, boolean allowed) {
        String pod = "{spec: {securityContext: {sysctls: [{name: " + sysctl + "}]}}}";
        assertEquals(allowed ? "" : "forbidden sysctls (" + sysctl + ")", findings("baseline", version, pod));
    }

    @Test
    void versionsDecideWhatIsChecked() {
        String probe = "{spec: {containers: [{name: c, livenessProbe: {httpGet: {host: h}}}]}}";
        assertEquals("", findings("baseline", "v1.33", probe));
        assertEquals(1, findings("baseline", "v1.34", probe).split("\\(", -1).length - 1);
        String engine = "{spec: {securityContext: {seLinuxOptions: {type: container_engine_t}}}}";
        assertEquals("", findings("baseline", "v1.31", engine));
        assertEquals(
                "seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type \"container_engine_t\")",
                findings("baseline", "v1.30", engine));
        String annotated =
                "{metadata: {annotations: {seccomp.security.alpha.kubernetes.io/pod: unconfined}}, spec: {}}";
        assertEquals("", findings("baseline", "v1.19", annotated));
        assertEquals(
                "seccompProfile (forbidden annotation seccomp.security.alpha.kubernetes.io/pod=\"unconfined\")",
                findings("baseline", "v1.18", annotated));
        assertEquals(
                "runAsNonRoot != true (pod or container \"c\" must set securityContext.runAsNonRoot=true)",
                findings("restricted", "v1.7", container("")));
    }

    @Test
    void windowsPodsNeedNotSayWhatMeansNothingThere() {
        String pod = "{spec: {os: {name: windows}, containers: [{name: c, securityContext: {runAsNonRoot: true}}]}}";
        assertEquals("", findings("restricted", "v1.25", pod));
        assertEquals(3, findings("restricted", "v1.24", pod).split(" \\(", -1).length - 1);
    }

    @Test
    void podsWithUsersOfTheirOwnMayHaveRoot() {
        String pod =
                "{spec: {hostUsers: false, containers: [{name: c, securityContext: {allowPrivilegeEscalation: false,"
                        + " capabilities: {drop: [ALL]}, runAsUser: 0, procMount: Unmasked, seccompProfile: {type: Localhost}}}]}}";
        assertEquals("", findings("restricted", "v1.35", pod));
        assertEquals(3, findings("restricted", "v1.34", pod).split(" \\(", -1).length - 1);
    }

    @Test
    void appArmorAnnotationsCount() {
        String pod =
                "{metadata: {annotations: {container.apparmor.security.beta.kubernetes.io/c: unconfined}}, spec: {}}";
        assertEquals(
                "forbidden AppArmor profile (annotation must not set AppArmor profile type to"
                        + " \"container.apparmor.security.beta.kubernetes.io/c=\"unconfined\"\")",
                findings("baseline", "latest", pod));
    }

    @Test
    void versionsAreReadStrictly() {
        for (String wrong : List.of("1.2", "v1", "v1.", "v1.02", "v2.0", "v1.2.3", "v1.9999999999", "Latest", "")) {
            assertEquals(null, Standard.parseVersion(wrong), wrong);
        }
    }
}
