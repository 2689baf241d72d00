package io.keelson.agent.pods.launch;

import io.fabric8.kubernetes.api.model.AppArmorProfile;
import io.fabric8.kubernetes.api.model.Capabilities;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.SELinuxOptions;
import io.fabric8.kubernetes.api.model.SeccompProfile;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.keelson.agent.pods.PodContainer;
import io.keelson.agent.pods.PodProblem;
import io.keelson.agent.pods.PodTraits;
import io.keelson.agent.wire.cri.Capability;
import io.keelson.agent.wire.cri.IDMapping;
import io.keelson.agent.wire.cri.Int64Value;
import io.keelson.agent.wire.cri.LinuxContainerSecurityContext;
import io.keelson.agent.wire.cri.NamespaceMode;
import io.keelson.agent.wire.cri.NamespaceOption;
import io.keelson.agent.wire.cri.SELinuxOption;
import io.keelson.agent.wire.cri.SecurityProfile;
import io.keelson.agent.wire.cri.SupplementalGroupsPolicy;
import io.keelson.agent.wire.cri.UserNamespace;
import io.keelson.controllers.objects.OrEmpty;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a container's processes may do: what the container says, or else what its pod says. */
public final class SecurityContexts {
    private static final List<String> MASKED = List.of(
            "/proc/asound",
            "/proc/acpi",
            "/proc/interrupts",
            "/proc/kcore",
            "/proc/keys",
            "/proc/latency_stats",
            "/proc/timer_list",
            "/proc/timer_stats",
            "/proc/sched_debug",
            "/proc/scsi",
            "/sys/firmware",
            "/sys/devices/virtual/powercap");
    private static final List<String> READ_ONLY =
            List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

    private SecurityContexts() {}

    /**
     * Whom an image's processes run as if nobody says anything else.
     *
     * @param uid null if the image names a user, or none
     * @param name empty if the image has a number, or none
     */
    public record ImageUser(@Nullable Long uid, String name) {}

    /**
     * What else it depends on.
     *
     * @param seccompFolder where the node's own profiles are
     * @param profileByDefault whether who says nothing has the runtime's usual profile
     * @param users the pod's own; none if it has the node's
     * @param targetId whose processes it is to see; empty for nobody's
     */
    record Surroundings(
            Path seccompFolder,
            boolean profileByDefault,
            List<Long> volumeGroups,
            List<IDMapping> users,
            String targetId) {}

    /**
     * The context of a container.
     *
     * @throws PodProblem {@code CreateContainerConfigError} if it must not run as root and would, or may
     */
    static LinuxContainerSecurityContext of(Pod pod, PodContainer container, ImageUser user, Surroundings surroundings)
            throws PodProblem {
        PodSecurityContext ofPod = pod.getSpec().getSecurityContext();
        SecurityContext own = container.container().getSecurityContext();
        checkNonRoot(pod, container.container(), user);
        LinuxContainerSecurityContext.Builder context = LinuxContainerSecurityContext.newBuilder()
                .setNamespaceOptions(namespaces(pod, container, surroundings))
                .setSeccomp(seccomp(own, ofPod, surroundings));
        Long runAsUser = runAsUser(own, ofPod);
        if (runAsUser != null) {
            context.setRunAsUser(number(runAsUser));
        } else if (user.uid() != null) {
            context.setRunAsUser(number(user.uid()));
        } else if (!user.name().isEmpty()) {
            context.setRunAsUsername(user.name());
        }
        Long group = own != null && own.getRunAsGroup() != null
                ? own.getRunAsGroup()
                : ofPod == null ? null : ofPod.getRunAsGroup();
        if (group != null) {
            context.setRunAsGroup(number(group));
        }
        apparmor(own, ofPod).ifPresent(context::setApparmor);
        selinux(own, ofPod).ifPresent(context::setSelinuxOptions);
        addGroups(ofPod, surroundings.volumeGroups(), context);
        String procMount = own == null ? "" : OrEmpty.of(own.getProcMount());
        if (!procMount.equals("Unmasked")) {
            context.addAllMaskedPaths(MASKED).addAllReadonlyPaths(READ_ONLY);
        }
        if (own != null) {
            context.setPrivileged(OrEmpty.of(own.getPrivileged()))
                    .setReadonlyRootfs(OrEmpty.of(own.getReadOnlyRootFilesystem()))
                    .setNoNewPrivs(Boolean.FALSE.equals(own.getAllowPrivilegeEscalation()));
            Capabilities capabilities = own.getCapabilities();
            if (capabilities != null) {
                context.setCapabilities(Capability.newBuilder()
                        .addAllAddCapabilities(OrEmpty.of(capabilities.getAdd()))
                        .addAllDropCapabilities(OrEmpty.of(capabilities.getDrop())));
            }
        }
        return context.build();
    }

    private static @Nullable Long runAsUser(@Nullable SecurityContext own, @Nullable PodSecurityContext ofPod) {
        return own != null && own.getRunAsUser() != null
                ? own.getRunAsUser()
                : ofPod == null ? null : ofPod.getRunAsUser();
    }

    private static void checkNonRoot(Pod pod, Container container, ImageUser user) throws PodProblem {
        PodSecurityContext ofPod = pod.getSpec().getSecurityContext();
        SecurityContext own = container.getSecurityContext();
        Boolean ownNonRoot = own == null ? null : own.getRunAsNonRoot();
        Boolean nonRootOfPod = ofPod == null ? null : ofPod.getRunAsNonRoot();
        if (!OrEmpty.of(ownNonRoot == null ? nonRootOfPod : ownNonRoot)) {
            return;
        }
        String of = "(pod: \"" + PodTraits.text(pod) + "\", container: " + container.getName() + ")";
        Long wanted = runAsUser(own, ofPod);
        String problem = "";
        if (wanted != null) {
            problem = wanted == 0 ? "container's runAsUser breaks non-root policy " + of : "";
        } else if (user.uid() != null && user.uid() == 0) {
            problem = "container has runAsNonRoot and image will run as root " + of;
        } else if (user.uid() == null && !user.name().isEmpty()) {
            problem = "container has runAsNonRoot and image has non-numeric user (" + user.name()
                    + "), cannot verify user is non-root " + of;
        } else if (user.uid() == null) {
            // An image that names nobody runs as root.
            problem = "container has runAsNonRoot and image will run as root " + of;
        }
        if (!problem.isEmpty()) {
            throw new PodProblem("CreateContainerConfigError", "Failed", problem);
        }
    }

    /** The namespaces of a pod as a whole. */
    static NamespaceOption.Builder namespaces(Pod pod, List<IDMapping> users) {
        NamespaceOption.Builder options = NamespaceOption.newBuilder()
                .setNetwork(mode(PodTraits.isOnHostNetwork(pod), NamespaceMode.POD))
                .setIpc(mode(OrEmpty.of(pod.getSpec().getHostIPC()), NamespaceMode.POD))
                .setPid(mode(
                        OrEmpty.of(pod.getSpec().getHostPID()),
                        OrEmpty.of(pod.getSpec().getShareProcessNamespace())
                                ? NamespaceMode.POD
                                : NamespaceMode.CONTAINER));
        if (PodTraits.hasOwnUsers(pod)) {
            options.setUsernsOptions(UserNamespace.newBuilder()
                    .setMode(NamespaceMode.POD)
                    .addAllUids(users)
                    .addAllGids(users));
        }
        return options;
    }

    private static NamespaceMode mode(boolean isNodes, NamespaceMode otherwise) {
        return isNodes ? NamespaceMode.NODE : otherwise;
    }

    private static NamespaceOption namespaces(Pod pod, PodContainer container, Surroundings surroundings) {
        NamespaceOption.Builder options = namespaces(pod, surroundings.users());
        if (!container.target().isEmpty()) {
            options.setPid(NamespaceMode.TARGET).setTargetId(surroundings.targetId());
        }
        return options.build();
    }

    private static SecurityProfile seccomp(
            @Nullable SecurityContext own, @Nullable PodSecurityContext ofPod, Surroundings surroundings) {
        SeccompProfile profile = own != null && own.getSeccompProfile() != null
                ? own.getSeccompProfile()
                : ofPod == null ? null : ofPod.getSeccompProfile();
        SecurityProfile.Builder built = SecurityProfile.newBuilder();
        if (profile == null) {
            return built.setProfileType(
                            surroundings.profileByDefault()
                                    ? SecurityProfile.ProfileType.RuntimeDefault
                                    : SecurityProfile.ProfileType.Unconfined)
                    .build();
        }
        return switch (OrEmpty.of(profile.getType())) {
            case "RuntimeDefault" ->
                built.setProfileType(SecurityProfile.ProfileType.RuntimeDefault).build();
            case "Localhost" ->
                built.setProfileType(SecurityProfile.ProfileType.Localhost)
                        .setLocalhostRef(surroundings
                                .seccompFolder()
                                .resolve(OrEmpty.of(profile.getLocalhostProfile()))
                                .toString())
                        .build();
            default ->
                built.setProfileType(SecurityProfile.ProfileType.Unconfined).build();
        };
    }

    private static Optional<SecurityProfile> apparmor(
            @Nullable SecurityContext own, @Nullable PodSecurityContext ofPod) {
        AppArmorProfile profile = own != null && own.getAppArmorProfile() != null
                ? own.getAppArmorProfile()
                : ofPod == null ? null : ofPod.getAppArmorProfile();
        if (profile == null) {
            return Optional.empty();
        }
        SecurityProfile.Builder built = SecurityProfile.newBuilder();
        return Optional.of(
                switch (OrEmpty.of(profile.getType())) {
                    case "Localhost" ->
                        built.setProfileType(SecurityProfile.ProfileType.Localhost)
                                .setLocalhostRef(OrEmpty.of(profile.getLocalhostProfile()))
                                .build();
                    case "Unconfined" ->
                        built.setProfileType(SecurityProfile.ProfileType.Unconfined)
                                .build();
                    default ->
                        built.setProfileType(SecurityProfile.ProfileType.RuntimeDefault)
                                .build();
                });
    }

    /** The labels of SELinux of a container, or of its pod. */
    static Optional<SELinuxOption> selinux(@Nullable SecurityContext own, @Nullable PodSecurityContext ofPod) {
        SELinuxOptions options = own != null && own.getSeLinuxOptions() != null
                ? own.getSeLinuxOptions()
                : ofPod == null ? null : ofPod.getSeLinuxOptions();
        return Optional.ofNullable(options)
                .map(given -> SELinuxOption.newBuilder()
                        .setUser(OrEmpty.of(given.getUser()))
                        .setRole(OrEmpty.of(given.getRole()))
                        .setType(OrEmpty.of(given.getType()))
                        .setLevel(OrEmpty.of(given.getLevel()))
                        .build());
    }

    private static void addGroups(
            @Nullable PodSecurityContext ofPod, List<Long> ofVolumes, LinuxContainerSecurityContext.Builder context) {
        groups(ofPod, ofVolumes).forEach(context::addSupplementalGroups);
        context.setSupplementalGroupsPolicy(policy(ofPod));
    }

    /** The groups of all processes of a pod. */
    static List<Long> groups(@Nullable PodSecurityContext ofPod, List<Long> ofVolumes) {
        List<Long> all = new ArrayList<>();
        if (ofPod != null) {
            if (ofPod.getFsGroup() != null) {
                all.add(ofPod.getFsGroup());
            }
            all.addAll(OrEmpty.of(ofPod.getSupplementalGroups()));
        }
        all.addAll(ofVolumes);
        return all.stream().distinct().toList();
    }

    /** Whether the image may add groups. */
    static SupplementalGroupsPolicy policy(@Nullable PodSecurityContext ofPod) {
        return ofPod != null && "Strict".equals(ofPod.getSupplementalGroupsPolicy())
                ? SupplementalGroupsPolicy.Strict
                : SupplementalGroupsPolicy.Merge;
    }

    static Int64Value number(long value) {
        return Int64Value.newBuilder().setValue(value).build();
    }
}
