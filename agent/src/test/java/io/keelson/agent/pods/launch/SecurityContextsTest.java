package io.keelson.agent.pods.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.agent.pods.PodContainers;
import io.keelson.agent.pods.PodProblem;
import io.keelson.agent.pods.Samples;
import io.keelson.agent.pods.launch.SecurityContexts.ImageUser;
import io.keelson.agent.wire.cri.LinuxContainerSecurityContext;
import io.keelson.agent.wire.cri.NamespaceMode;
import io.keelson.agent.wire.cri.SecurityProfile.ProfileType;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SecurityContextsTest {
    private static LinuxContainerSecurityContext context(String spec, @Nullable Long uid, String user)
            throws PodProblem {
        return context(spec, uid, user, false);
    }

    private static LinuxContainerSecurityContext context(
            String spec, @Nullable Long uid, String user, boolean profileByDefault) throws PodProblem {
        Pod pod = Samples.pod(spec);
        return SecurityContexts.of(
                pod,
                PodContainers.ordinary(pod).getFirst(),
                new ImageUser(uid, user),
                new SecurityContexts.Surroundings(Path.of("/seccomp"), profileByDefault, List.of(9L), List.of(), ""));
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            quoteCharacter = '"',
            value = {
                "\"{runAsUser: 0}\", -, \"\", container's runAsUser breaks non-root policy",
                "\"{}\", 0, \"\", container has runAsNonRoot and image will run as root",
                "\"{}\", -, \"\", container has runAsNonRoot and image will run as root",
                "\"{}\", -, web, \"container has runAsNonRoot and image has non-numeric user (web), cannot verify user is non-root\""
            })
    void whoMustNotBeRootAndMayBeIsNotStarted(String own, @Nullable Long uid, String user, String message) {
        PodProblem problem = assertThrows(
                PodProblem.class,
                () -> context(
                        "securityContext: {runAsNonRoot: true}\ncontainers: [{name: a, image: x, securityContext: "
                                + own + "}]",
                        uid,
                        user));
        assertEquals("CreateContainerConfigError", problem.waitingReason());
        assertEquals(message + " (pod: \"web_default(uid-1)\", container: a)", problem.message());
    }

    @Test
    void whoIsKnownNotToBeRootIs() throws PodProblem {
        String spec = "securityContext: {runAsNonRoot: true}\ncontainers: [{name: a, image: x}]";
        assertEquals(7, context(spec, 7L, "").getRunAsUser().getValue());
    }

    @Test
    void whatTheContainerSaysComesBeforeWhatItsPodSays() throws PodProblem {
        LinuxContainerSecurityContext context = context("""
            securityContext:
              runAsUser: 1
              runAsGroup: 2
              fsGroup: 3
              supplementalGroups: [4, 3]
              supplementalGroupsPolicy: Strict
              seccompProfile: {type: RuntimeDefault}
            containers:
            - name: a
              image: x
              securityContext:
                runAsUser: 5
                privileged: true
                readOnlyRootFilesystem: true
                allowPrivilegeEscalation: false
                capabilities: {add: [NET_ADMIN], drop: [ALL]}
                seccompProfile: {type: Localhost, localhostProfile: p.json}
            """, null, "");
        assertEquals(5, context.getRunAsUser().getValue());
        assertEquals(2, context.getRunAsGroup().getValue());
        assertEquals(List.of(3L, 4L, 9L), context.getSupplementalGroupsList());
        assertTrue(context.getPrivileged() && context.getReadonlyRootfs() && context.getNoNewPrivs());
        assertEquals(List.of("NET_ADMIN"), context.getCapabilities().getAddCapabilitiesList());
        assertEquals(ProfileType.Localhost, context.getSeccomp().getProfileType());
        assertEquals("/seccomp/p.json", context.getSeccomp().getLocalhostRef());
    }

    @ParameterizedTest
    @CsvSource({
        "'', '', false, Unconfined",
        "'', '', true, RuntimeDefault",
        "'{type: Unconfined}', '', true, Unconfined",
        "'', '{type: Unconfined}', true, Unconfined",
        "'{type: Unconfined}', '{type: RuntimeDefault}', false, RuntimeDefault"
    })
    void whoSaysNothingHasTheProfileThatIsTheNodesDefault(
            String ofPod, String own, boolean profileByDefault, ProfileType expected) throws PodProblem {
        String spec = "securityContext: {seccompProfile: " + ofPod
                + "}\ncontainers: [{name: a, image: x, securityContext: {seccompProfile: " + own + "}}]";
        ProfileType found =
                context(spec, null, "", profileByDefault).getSeccomp().getProfileType();
        assertEquals(expected, found);
    }

    @Test
    void procIsMaskedUnlessTheContainerSaysOtherwise() throws PodProblem {
        assertTrue(context("containers: [{name: a, image: x}]", null, "")
                .getMaskedPathsList()
                .contains("/proc/kcore"));
        assertEquals(
                List.of(),
                context("containers: [{name: a, image: x, securityContext: {procMount: Unmasked}}]", null, "")
                        .getMaskedPathsList());
    }

    @Test
    void namespacesAreThePodsUnlessItSaysOtherwise() throws PodProblem {
        var own = context("containers: [{name: a, image: x}]", null, "").getNamespaceOptions();
        assertEquals(NamespaceMode.POD, own.getNetwork());
        assertEquals(NamespaceMode.CONTAINER, own.getPid());
        assertFalse(own.hasUsernsOptions());
        var hosts = context(
                        "hostNetwork: true\nhostPID: true\nhostIPC: true\nhostUsers: false\ncontainers: [{name: a, image: x}]",
                        null,
                        "")
                .getNamespaceOptions();
        assertEquals(NamespaceMode.NODE, hosts.getNetwork());
        assertEquals(NamespaceMode.NODE, hosts.getPid());
        assertEquals(NamespaceMode.NODE, hosts.getIpc());
        assertTrue(hosts.hasUsernsOptions());
    }
}
