package io.keelson.apiserver.admission.podsecurity;

import static io.keelson.apiserver.admission.podsecurity.PodView.given;
import static io.keelson.apiserver.admission.podsecurity.PodView.name;
import static io.keelson.apiserver.admission.podsecurity.PodView.security;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What a pod that takes every precaution does not do, by id. */
final class RestrictedChecks {
    private static final Set<String> VOLUMES = Set.of(
            "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret");

    private static final Check ESCALATION =
            Check.restricted("allowPrivilegeEscalation", 8, 25, RestrictedChecks::escalation);
    private static final Check CAPABILITIES = Check.restricted(
                    "capabilities_restricted", 22, 25, RestrictedChecks::capabilities)
            .insteadOf("capabilities_baseline");
    private static final Check NON_ROOT = Check.restricted("runAsNonRoot", 0, 35, RestrictedChecks::nonRoot);
    private static final Check USER = Check.restricted("runAsUser", 23, 35, RestrictedChecks::user);
    private static final Check SECCOMP = Check.restricted(
                    "seccompProfile_restricted", 19, 25, RestrictedChecks::seccomp)
            .insteadOf("seccompProfile_baseline");

    static final List<Check> ALL = List.of(
            ESCALATION,
            ESCALATION.notForWindowsSince(25),
            CAPABILITIES,
            CAPABILITIES.notForWindowsSince(25),
            Check.restricted("restrictedVolumes", 0, Standard.LATEST, RestrictedChecks::volumes)
                    .insteadOf("hostPathVolumes"),
            NON_ROOT,
            NON_ROOT.notForOwnUsersSince(35),
            USER,
            USER.notForOwnUsersSince(35),
            SECCOMP,
            SECCOMP.notForWindowsSince(25));

    private RestrictedChecks() {}

    private static boolean isFalse(JsonNode node) {
        return node.isBoolean() && !node.booleanValue();
    }

    private static @Nullable Finding escalation(PodView pod) {
        List<String> containers =
                pod.containersThat(container -> !isFalse(security(container, "allowPrivilegeEscalation")));
        return containers.isEmpty()
                ? null
                : new Finding(
                        "allowPrivilegeEscalation != false",
                        Phrases.named("container", containers)
                                + " must set securityContext.allowPrivilegeEscalation=false");
    }

    private static @Nullable Finding capabilities(PodView pod) {
        List<String> keeping = pod.containersThat(container -> security(container, "capabilities")
                .path("drop")
                .valueStream()
                .noneMatch(capability -> capability.asText("").equals("ALL")));
        SortedSet<String> bad = new TreeSet<>();
        List<String> adding = pod.containersThat(
                container -> BaselineChecks.collectAdded(container, Set.of("NET_BIND_SERVICE"), bad));
        List<String> details = new ArrayList<>();
        if (!keeping.isEmpty()) {
            details.add(Phrases.named("container", keeping) + " must set securityContext.capabilities.drop=[\"ALL\"]");
        }
        if (!adding.isEmpty()) {
            details.add(Phrases.named("container", adding) + " must not include " + Phrases.quoted(bad)
                    + " in securityContext.capabilities.add");
        }
        return details.isEmpty() ? null : new Finding("unrestricted capabilities", String.join("; ", details));
    }

    private static @Nullable Finding volumes(PodView pod) {
        List<String> names = new ArrayList<>();
        SortedSet<String> types = new TreeSet<>();
        for (JsonNode volume : pod.spec().path("volumes")) {
            String type = volume.properties().stream()
                    .filter(entry -> !entry.getKey().equals("name") && given(entry.getValue()))
                    .map(entry -> entry.getKey().equals("image") ? "unknown" : entry.getKey())
                    .findFirst()
                    .orElse("unknown");
            if (!VOLUMES.contains(type)) {
                names.add(name(volume));
                types.add(type);
            }
        }
        return names.isEmpty()
                ? null
                : new Finding(
                        "restricted volume types",
                        Phrases.named("volume", names)
                                + (names.size() == 1 ? " uses " : " use ")
                                + Phrases.named("restricted volume type", types));
    }

    private static @Nullable Finding nonRoot(PodView pod) {
        JsonNode whole = pod.security("runAsNonRoot");
        String setters = Phrases.setters(
                isFalse(whole), pod.containersThat(container -> isFalse(security(container, "runAsNonRoot"))));
        if (!setters.isEmpty()) {
            return new Finding("runAsNonRoot != true", setters + " must not set securityContext.runAsNonRoot=false");
        }
        List<String> silent = whole.asBoolean(false)
                ? List.of()
                : pod.containersThat(container -> !given(security(container, "runAsNonRoot")));
        return silent.isEmpty()
                ? null
                : new Finding(
                        "runAsNonRoot != true",
                        "pod or " + Phrases.named("container", silent) + " must set securityContext.runAsNonRoot=true");
    }

    private static boolean isRoot(JsonNode user) {
        return user.isNumber() && user.longValue() == 0;
    }

    private static @Nullable Finding user(PodView pod) {
        String setters = Phrases.setters(
                isRoot(pod.security("runAsUser")),
                pod.containersThat(container -> isRoot(security(container, "runAsUser"))));
        return setters.isEmpty() ? null : new Finding("runAsUser=0", setters + " must not set runAsUser=0");
    }

    private static @Nullable Finding seccomp(PodView pod) {
        Finding unconfined = BaselineChecks.seccomp(pod);
        if (unconfined != null) {
            return unconfined;
        }
        List<String> silent = BaselineChecks.confines(pod.security("seccompProfile"))
                ? List.of()
                : pod.containersThat(container -> !given(security(container, "seccompProfile")));
        return silent.isEmpty()
                ? null
                : new Finding(
                        "seccompProfile",
                        "pod or " + Phrases.named("container", silent)
                                + " must set securityContext.seccompProfile.type to \"RuntimeDefault\" or"
                                + " \"Localhost\"");
    }
}
