package io.keelson.apiserver.admission.podsecurity;

import static io.keelson.apiserver.admission.podsecurity.PodView.given;
import static io.keelson.apiserver.admission.podsecurity.PodView.name;
import static io.keelson.apiserver.admission.podsecurity.PodView.security;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.object.GoText;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What nobody needs who does not administer the node, by id. */
final class BaselineChecks {
    private static final String APP_ARMOR = "container.apparmor.security.beta.kubernetes.io/";
    private static final String SECCOMP_POD = "seccomp.security.alpha.kubernetes.io/pod";
    private static final String SECCOMP_CONTAINER = "container.seccomp.security.alpha.kubernetes.io/";

    private static final Set<String> CAPABILITIES = Set.of(
            "AUDIT_WRITE",
            "CHOWN",
            "DAC_OVERRIDE",
            "FOWNER",
            "FSETID",
            "KILL",
            "MKNOD",
            "NET_BIND_SERVICE",
            "SETFCAP",
            "SETGID",
            "SETPCAP",
            "SETUID",
            "SYS_CHROOT");

    private static final Set<String> SELINUX = Set.of("", "container_t", "container_init_t", "container_kvm_t");
    private static final Set<String> SELINUX_31 = with(SELINUX, "container_engine_t");

    private static final Set<String> SYSCTLS = Set.of(
            "kernel.shm_rmid_forced",
            "net.ipv4.ip_local_port_range",
            "net.ipv4.tcp_syncookies",
            "net.ipv4.ping_group_range",
            "net.ipv4.ip_unprivileged_port_start");
    private static final Set<String> SYSCTLS_27 = with(SYSCTLS, "net.ipv4.ip_local_reserved_ports");
    private static final Set<String> SYSCTLS_29 = with(
            SYSCTLS_27,
            "net.ipv4.tcp_keepalive_time",
            "net.ipv4.tcp_fin_timeout",
            "net.ipv4.tcp_keepalive_intvl",
            "net.ipv4.tcp_keepalive_probes");
    private static final Set<String> SYSCTLS_32 = with(SYSCTLS_29, "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem");

    private static final Check PROC_MOUNT = Check.baseline("procMount", 0, 35, BaselineChecks::procMount);

    static final List<Check> ALL = List.of(
            Check.baseline("appArmorProfile", 0, Standard.LATEST, BaselineChecks::appArmor),
            Check.baseline("capabilities_baseline", 0, Standard.LATEST, BaselineChecks::capabilities),
            Check.baseline("hostNamespaces", 0, Standard.LATEST, BaselineChecks::hostNamespaces),
            Check.baseline("hostPathVolumes", 0, Standard.LATEST, BaselineChecks::hostPaths),
            Check.baseline("hostPorts", 0, Standard.LATEST, BaselineChecks::hostPorts),
            Check.baseline("hostProbesAndHostLifecycle", 34, Standard.LATEST, BaselineChecks::probeHosts),
            Check.baseline("privileged", 0, Standard.LATEST, BaselineChecks::privileged),
            PROC_MOUNT,
            PROC_MOUNT.notForOwnUsersSince(35),
            Check.baseline("seLinuxOptions", 0, 31, pod -> seLinux(pod, SELINUX)),
            Check.baseline("seLinuxOptions", 31, Standard.LATEST, pod -> seLinux(pod, SELINUX_31)),
            Check.baseline("seccompProfile_baseline", 0, 19, BaselineChecks::seccompAnnotations),
            Check.baseline("seccompProfile_baseline", 19, Standard.LATEST, BaselineChecks::seccomp),
            Check.baseline("sysctls", 0, 27, pod -> sysctls(pod, SYSCTLS)),
            Check.baseline("sysctls", 27, 29, pod -> sysctls(pod, SYSCTLS_27)),
            Check.baseline("sysctls", 29, 32, pod -> sysctls(pod, SYSCTLS_29)),
            Check.baseline("sysctls", 32, Standard.LATEST, pod -> sysctls(pod, SYSCTLS_32)),
            Check.baseline("windowsHostProcess", 0, Standard.LATEST, BaselineChecks::hostProcess));

    private BaselineChecks() {}

    private static Set<String> with(Set<String> some, String... more) {
        Set<String> all = new TreeSet<>(some);
        all.addAll(List.of(more));
        return Set.copyOf(all);
    }

    /** A kind of profile that confines: that of the runtime, or one on the node. */
    static boolean confines(JsonNode profile) {
        String type = profile.path("type").asText("");
        return type.equals("RuntimeDefault") || type.equals("Localhost");
    }

    static boolean unconfined(JsonNode profile) {
        return given(profile) && !confines(profile);
    }

    /** The types of profiles that do not confine. */
    static SortedSet<String> badProfiles(PodView pod, String field) {
        SortedSet<String> bad = new TreeSet<>();
        Stream.concat(
                        Stream.of(pod.security(field)),
                        pod.containers().stream().map(container -> security(container, field)))
                .filter(BaselineChecks::unconfined)
                .forEach(profile -> bad.add(profile.path("type").asText("")));
        return bad;
    }

    private static @Nullable Finding appArmor(PodView pod) {
        List<String> values = new ArrayList<>(badProfiles(pod, "appArmorProfile"));
        List<String> setters = new ArrayList<>();
        String inFields = Phrases.setters(
                unconfined(pod.security("appArmorProfile")),
                pod.containersThat(container -> unconfined(security(container, "appArmorProfile"))));
        if (!inFields.isEmpty()) {
            setters.add(inFields);
        }
        List<String> annotations = pod.annotations().entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(APP_ARMOR) && !appArmorAllowed(entry.getValue()))
                .map(entry -> entry.getKey() + "=" + GoText.quoted(entry.getValue()))
                .sorted()
                .toList();
        if (!annotations.isEmpty()) {
            setters.add(Phrases.plural("annotation", annotations.size()));
            values.addAll(annotations);
        }
        return setters.isEmpty()
                ? null
                : new Finding(
                        Phrases.plural("forbidden AppArmor profile", values.size()),
                        String.join(" and ", setters) + " must not set AppArmor profile type to "
                                + Phrases.quoted(values));
    }

    private static boolean appArmorAllowed(String profile) {
        return profile.isEmpty() || profile.equals("runtime/default") || profile.startsWith("localhost/");
    }

    private static @Nullable Finding capabilities(PodView pod) {
        SortedSet<String> bad = new TreeSet<>();
        List<String> containers = pod.containersThat(container -> collectAdded(container, CAPABILITIES, bad));
        return containers.isEmpty()
                ? null
                : new Finding(
                        "non-default capabilities",
                        Phrases.named("container", containers) + " must not include " + Phrases.quoted(bad)
                                + " in securityContext.capabilities.add");
    }

    /** Whether a container adds capabilities that are not allowed, which are collected. */
    static boolean collectAdded(JsonNode container, Set<String> allowed, Set<String> bad) {
        boolean found = false;
        for (JsonNode capability : security(container, "capabilities").path("add")) {
            if (!allowed.contains(capability.asText(""))) {
                bad.add(capability.asText(""));
                found = true;
            }
        }
        return found;
    }

    private static @Nullable Finding hostNamespaces(PodView pod) {
        List<String> shared = Stream.of("hostNetwork", "hostPID", "hostIPC")
                .filter(field -> pod.spec().path(field).asBoolean(false))
                .map(field -> field + "=true")
                .toList();
        return shared.isEmpty() ? null : new Finding("host namespaces", String.join(", ", shared));
    }

    private static @Nullable Finding hostPaths(PodView pod) {
        List<String> volumes = pod.spec()
                .path("volumes")
                .valueStream()
                .filter(volume -> given(volume.path("hostPath")))
                .map(PodView::name)
                .toList();
        return volumes.isEmpty() ? null : new Finding("hostPath volumes", Phrases.named("volume", volumes));
    }

    private static @Nullable Finding hostPorts(PodView pod) {
        SortedSet<String> ports = new TreeSet<>();
        List<String> containers = new ArrayList<>();
        for (JsonNode container : pod.containers()) {
            List<String> its = container
                    .path("ports")
                    .valueStream()
                    .map(port -> port.path("hostPort").asLong(0))
                    .filter(port -> port != 0)
                    .map(port -> Long.toString(port))
                    .toList();
            if (!its.isEmpty()) {
                containers.add(name(container));
                ports.addAll(its);
            }
        }
        return containers.isEmpty()
                ? null
                : new Finding(
                        "hostPort",
                        Phrases.named("container", containers) + (containers.size() == 1 ? " uses " : " use ")
                                + Phrases.plural("hostPort", ports.size()) + " " + String.join(", ", ports));
    }

    private static @Nullable Finding probeHosts(PodView pod) {
        SortedSet<String> containers = new TreeSet<>();
        SortedSet<String> hosts = new TreeSet<>();
        for (JsonNode container : pod.containers()) {
            JsonNode lifecycle = container.path("lifecycle");
            Stream.of(
                            container.path("livenessProbe"),
                            container.path("readinessProbe"),
                            container.path("startupProbe"),
                            lifecycle.path("postStart"),
                            lifecycle.path("preStop"))
                    .flatMap(handler -> Stream.of(handler.path("httpGet"), handler.path("tcpSocket")))
                    .map(target -> target.path("host").asText(""))
                    .filter(host -> !host.isEmpty())
                    .forEach(host -> {
                        containers.add(name(container));
                        hosts.add(host);
                    });
        }
        return containers.isEmpty()
                ? null
                : new Finding(
                        "probe or lifecycle host",
                        Phrases.named("container", containers)
                                + (containers.size() == 1 ? " uses " : " use ")
                                + Phrases.named("probe or lifecycle host", hosts));
    }

    private static @Nullable Finding privileged(PodView pod) {
        List<String> containers = pod.containersThat(
                container -> security(container, "privileged").asBoolean(false));
        return containers.isEmpty()
                ? null
                : new Finding(
                        "privileged",
                        Phrases.named("container", containers) + " must not set securityContext.privileged=true");
    }

    private static @Nullable Finding procMount(PodView pod) {
        SortedSet<String> bad = new TreeSet<>();
        List<String> containers = new ArrayList<>();
        for (JsonNode container : pod.containers()) {
            JsonNode mount = security(container, "procMount");
            if (given(mount) && !mount.asText("").equals("Default")) {
                containers.add(name(container));
                bad.add(mount.asText(""));
            }
        }
        return containers.isEmpty()
                ? null
                : new Finding(
                        "procMount",
                        Phrases.named("container", containers) + " must not set securityContext.procMount to "
                                + Phrases.quoted(bad));
    }

    private static @Nullable Finding seLinux(PodView pod, Set<String> allowed) {
        SortedSet<String> types = new TreeSet<>();
        SortedSet<String> set = new TreeSet<>();
        boolean inPod = seLinuxWrong(pod.security("seLinuxOptions"), allowed, types, set);
        List<String> containers = pod.containersThat(
                container -> seLinuxWrong(security(container, "seLinuxOptions"), allowed, types, set));
        if (!inPod && containers.isEmpty()) {
            return null;
        }
        List<String> what = new ArrayList<>();
        if (!types.isEmpty()) {
            what.add(Phrases.named("type", types));
        }
        for (String field : List.of("user", "role")) {
            if (set.contains(field)) {
                what.add(field + " may not be set");
            }
        }
        return new Finding(
                "seLinuxOptions",
                Phrases.setters(inPod, containers) + " set forbidden securityContext.seLinuxOptions: "
                        + String.join("; ", what));
    }

    private static boolean seLinuxWrong(JsonNode options, Set<String> allowed, Set<String> types, Set<String> set) {
        boolean wrong = false;
        String type = options.path("type").asText("");
        if (!allowed.contains(type)) {
            types.add(type);
            wrong = true;
        }
        for (String field : List.of("user", "role")) {
            if (!options.path(field).asText("").isEmpty()) {
                set.add(field);
                wrong = true;
            }
        }
        return wrong;
    }

    private static @Nullable Finding seccompAnnotations(PodView pod) {
        SortedSet<String> bad = new TreeSet<>();
        Stream.concat(
                        Stream.of(SECCOMP_POD),
                        pod.containers().stream().map(container -> SECCOMP_CONTAINER + name(container)))
                .forEach(key -> {
                    String value = pod.annotations().get(key);
                    if (value != null && !seccompAllowed(value)) {
                        bad.add(key + "=" + GoText.quoted(value));
                    }
                });
        return bad.isEmpty()
                ? null
                : new Finding(
                        "seccompProfile",
                        "forbidden " + Phrases.plural("annotation", bad.size()) + " " + String.join(", ", bad));
    }

    private static boolean seccompAllowed(String profile) {
        return profile.equals("runtime/default")
                || profile.equals("docker/default")
                || profile.startsWith("localhost/");
    }

    static @Nullable Finding seccomp(PodView pod) {
        String setters = Phrases.setters(
                unconfined(pod.security("seccompProfile")),
                pod.containersThat(container -> unconfined(security(container, "seccompProfile"))));
        return setters.isEmpty()
                ? null
                : new Finding(
                        "seccompProfile",
                        setters + " must not set securityContext.seccompProfile.type to "
                                + Phrases.quoted(badProfiles(pod, "seccompProfile")));
    }

    private static @Nullable Finding sysctls(PodView pod, Set<String> allowed) {
        List<String> bad = pod.security("sysctls")
                .valueStream()
                .map(PodView::name)
                .filter(sysctl -> !allowed.contains(sysctl))
                .toList();
        return bad.isEmpty() ? null : new Finding("forbidden sysctls", String.join(", ", bad));
    }

    private static @Nullable Finding hostProcess(PodView pod) {
        String setters = Phrases.setters(
                pod.security("windowsOptions").path("hostProcess").asBoolean(false),
                pod.containersThat(container -> security(container, "windowsOptions")
                        .path("hostProcess")
                        .asBoolean(false)));
        return setters.isEmpty()
                ? null
                : new Finding("hostProcess", setters + " must not set securityContext.windowsOptions.hostProcess=true");
    }
}
