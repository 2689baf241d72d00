package io.keelson.apiserver.kinds.pod;

import io.keelson.apiserver.validation.Formats;
import io.keelson.apiserver.validation.Place;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What is wrong with what a pod and its containers may do on their node. */
final class SecurityRules {
    private static final int SYSCTL_CHARS_MAX = 253;
    private static final String SYSCTL_FORM = "^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$";
    private static final Pattern SYSCTL = Pattern.compile(SYSCTL_FORM);
    private static final int PROFILE_CHARS_MAX = 4_095;
    private static final String NOT_ON_WINDOWS = "cannot be set for a windows pod";
    private static final List<String> LINUX_OF_PODS = List.of(
            "appArmorProfile",
            "seLinuxOptions",
            "seccompProfile",
            "fsGroup",
            "fsGroupChangePolicy",
            "sysctls",
            "runAsUser",
            "runAsGroup",
            "supplementalGroups",
            "supplementalGroupsPolicy",
            "seLinuxChangePolicy");
    private static final List<String> LINUX_OF_CONTAINERS = List.of(
            "appArmorProfile",
            "seLinuxOptions",
            "seccompProfile",
            "capabilities",
            "readOnlyRootFilesystem",
            "privileged",
            "allowPrivilegeEscalation",
            "procMount",
            "runAsUser",
            "runAsGroup");

    private SecurityRules() {}

    static void pod(Place spec) {
        Place context = spec.at("securityContext");
        for (String id : List.of("fsGroup", "runAsUser", "runAsGroup")) {
            id(context.at(id));
        }
        context.at("supplementalGroups").items().forEach(SecurityRules::id);
        Place shared = spec.at("shareProcessNamespace");
        if (shared.flag() && spec.at("hostPID").flag()) {
            shared.as(context.path().child("shareProcessNamespace"))
                    .invalid("ShareProcessNamespace and HostPID cannot both be enabled");
        }
        sysctls(spec, context.at("sysctls"));
        context.at("fsGroupChangePolicy").oneOfIfPresent("Always", "OnRootMismatch");
        seccomp(context.at("seccompProfile"));
        WindowsRules.options(context.at("windowsOptions"));
        appArmor(context.at("appArmorProfile"));
        context.at("supplementalGroupsPolicy").oneOfIfPresent("Merge", "Strict");
        context.at("seLinuxChangePolicy").oneOfIfPresent("MountOption", "Recursive");
        WindowsRules.hostProcesses(spec, containers(spec));
        if (spec.at("hostUsers").present() && !spec.at("hostUsers").flag()) {
            for (String field : List.of("hostNetwork", "hostPID", "hostIPC")) {
                if (spec.at(field).flag()) {
                    String shown = field.equals("hostNetwork") ? field : "H" + field.substring(1);
                    spec.at(field).as(spec.path().child(shown)).forbidden("when `pod.Spec.HostUsers` is false");
                }
            }
        }
    }

    static void container(Place context, boolean hostUsers) {
        id(context.at("runAsUser"));
        id(context.at("runAsGroup"));
        Place mount = context.at("procMount");
        mount.oneOfIfPresent("Default", "Unmasked");
        if (hostUsers && mount.is("Unmasked")) {
            mount.invalid("`hostUsers` must be false to use `Unmasked`");
        }
        seccomp(context.at("seccompProfile"));
        Place escalation = context.at("allowPrivilegeEscalation");
        if (escalation.present() && !escalation.flag()) {
            if (context.at("privileged").flag()) {
                context.invalid("cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
            }
            if (context.at("capabilities", "add").textItems().contains("CAP_SYS_ADMIN")) {
                context.invalid("cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN");
            }
        }
        WindowsRules.options(context.at("windowsOptions"));
        appArmor(context.at("appArmorProfile"));
    }

    private static void id(Place id) {
        if (id.present()) {
            for (String wrong : Formats.userId(id.number())) {
                id.invalid(wrong);
            }
        }
    }

    private static void sysctls(Place spec, Place sysctls) {
        Set<String> names = new HashSet<>();
        for (Place sysctl : sysctls.items()) {
            Place name = sysctl.at("name");
            String text = name.text();
            if (text.isEmpty()) {
                name.required("");
            } else if (text.length() > SYSCTL_CHARS_MAX || !SYSCTL.matcher(text).matches()) {
                name.invalid("must have at most " + SYSCTL_CHARS_MAX + " characters and match regex " + SYSCTL_FORM);
            } else if (!names.add(text)) {
                name.duplicate();
            }
            String dotted = text.replace('/', '.');
            if (spec.at("hostNetwork").flag() && dotted.startsWith("net.")) {
                name.invalid("may not be specified when 'hostNetwork' is true");
            } else if (spec.at("hostIPC").flag() && isOfIpc(dotted)) {
                name.invalid("may not be specified when 'hostIPC' is true");
            }
        }
    }

    private static boolean isOfIpc(String sysctl) {
        return sysctl.equals("kernel.sem")
                || Stream.of("kernel.shm", "kernel.msg", "fs.mqueue.").anyMatch(sysctl::startsWith);
    }

    private static void seccomp(Place profile) {
        if (profile.absent()) {
            return;
        }
        Place type = profile.at("type");
        if (type.empty()) {
            type.required("type is required when seccompProfile is set");
        } else {
            type.oneOf("Localhost", "RuntimeDefault", "Unconfined");
        }
        Place path = profile.at("localhostProfile");
        if (!type.is("Localhost")) {
            if (path.present()) {
                path.invalid(profile.value(), "can only be set when seccomp type is Localhost");
            }
        } else if (path.absent()) {
            path.required("must be set when seccomp type is Localhost");
        } else {
            PathRules.descending(path);
        }
    }

    static void appArmor(Place profile) {
        if (profile.absent()) {
            return;
        }
        Place type = profile.at("type");
        Place name = profile.at("localhostProfile");
        switch (type.text()) {
            case "Localhost" -> {
                if (name.text().isBlank()) {
                    name.required("must be set when AppArmor type is Localhost");
                } else if (!name.text().equals(name.text().strip())) {
                    name.invalid("must not be padded with whitespace");
                }
                if (name.text().length() > PROFILE_CHARS_MAX) {
                    name.tooLong(PROFILE_CHARS_MAX);
                }
            }
            case "RuntimeDefault", "Unconfined" -> {
                if (name.present()) {
                    name.invalid("can only be set when AppArmor type is Localhost");
                }
            }
            case "" -> type.required("type is required when appArmorProfile is set");
            default -> type.notSupported("Localhost", "RuntimeDefault", "Unconfined");
        }
    }

    /** Containers of all kinds. */
    static List<Place> containers(Place spec) {
        return Stream.of("initContainers", "containers", "ephemeralContainers")
                .flatMap(kind -> spec.at(kind).items().stream())
                .toList();
    }

    static void onlyLinux(Place spec) {
        Stream.concat(Stream.of(spec), containers(spec).stream())
                .forEach(part -> part.at("securityContext", "windowsOptions")
                        .mustBeAbsent("windows options cannot be set for a linux pod"));
    }

    static void onlyWindows(Place spec) {
        Place context = spec.at("securityContext");
        for (String field : LINUX_OF_PODS) {
            if (field.equals("sysctls")
                    ? context.at(field).filled()
                    : context.at(field).present()) {
                context.at(field).forbidden(NOT_ON_WINDOWS);
            }
        }
        for (String field : List.of("hostUsers", "shareProcessNamespace")) {
            spec.at(field).mustBeAbsent(NOT_ON_WINDOWS);
        }
        for (String field : List.of("hostPID", "hostIPC")) {
            if (spec.at(field).flag()) {
                spec.at(field).forbidden(NOT_ON_WINDOWS);
            }
        }
        for (Place container : containers(spec)) {
            LINUX_OF_CONTAINERS.forEach(
                    field -> container.at("securityContext", field).mustBeAbsent(NOT_ON_WINDOWS));
        }
    }
}
