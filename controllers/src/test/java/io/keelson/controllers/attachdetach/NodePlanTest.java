package io.keelson.controllers.attachdetach;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.storage.VolumeAttachment;
import io.fabric8.kubernetes.api.model.storage.VolumeAttachmentBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class NodePlanTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final String IN_NODE = "kubernetes.io/csi/csi.example.com^h";
    private static final PersistentVolume VOLUME = volume("ReadWriteOnce");

    private @Nullable Node node = node("True", List.of());
    private final Map<String, WantedVolume> wanted = new HashMap<>();
    private final List<VolumeAttachment> attachments = new ArrayList<>();
    private final Set<String> elsewhere = new HashSet<>();
    private final Map<String, Instant> awaited = new HashMap<>();
    private boolean force = true;

    private static PersistentVolume volume(String... modes) {
        return new PersistentVolumeBuilder()
                .withNewMetadata()
                .withName("v")
                .endMetadata()
                .withNewSpec()
                .withAccessModes(modes)
                .withNewCsi()
                .withDriver("csi.example.com")
                .withVolumeHandle("h")
                .endCsi()
                .endSpec()
                .build();
    }

    private static Node node(String ready, List<String> inUse) {
        return new NodeBuilder()
                .withNewMetadata()
                .withName("n")
                .endMetadata()
                .withNewSpec()
                .endSpec()
                .withNewStatus()
                .withVolumesInUse(inUse)
                .addNewCondition()
                .withType("Ready")
                .withStatus(ready)
                .endCondition()
                .endStatus()
                .build();
    }

    private static WantedVolume wanted(PersistentVolume volume) {
        return new WantedVolume(volume, List.of());
    }

    private static VolumeAttachment attachment(boolean attached) {
        return new VolumeAttachmentBuilder(wanted(VOLUME).attachment("n"))
                .withNewStatus()
                .withAttached(attached)
                .endStatus()
                .build();
    }

    private NodePlan plan() {
        return NodePlan.of(
                new NodePlan.Input(
                        "n",
                        node,
                        wanted,
                        attachments,
                        elsewhere::contains,
                        name -> name.equals("v") ? VOLUME : null,
                        awaited,
                        force),
                NOW);
    }

    @Test
    void aVolumeIsLetGoWhenItIsNotUsedAndTheNodeIsNotToldOfItAnyMore() {
        assertEquals(NodePlan.Grip.NONE, NodePlan.grip(null, IN_NODE));
        assertEquals(NodePlan.Grip.NONE, NodePlan.grip(node("True", List.of("other")), IN_NODE));
        assertEquals(NodePlan.Grip.IN_USE, NodePlan.grip(node("True", List.of(IN_NODE)), IN_NODE));
        Node told = new NodeBuilder(node("True", List.of()))
                .editStatus()
                .addNewVolumesAttached("", IN_NODE)
                .endStatus()
                .build();
        assertEquals(NodePlan.Grip.TOLD, NodePlan.grip(told, IN_NODE));
    }

    @Test
    void theNameOfAnAttachmentFollowsFromVolumeDriverAndNode() {
        // echo -n hcsi.example.comn | sha256sum
        assertEquals(
                "csi-" + java.util.HexFormat.of().formatHex(sha256("hcsi.example.comn")),
                WantedVolume.attachmentName(VOLUME, "n"));
        assertEquals(IN_NODE, WantedVolume.nodeName(VOLUME));
    }

    private static byte[] sha256(String text) {
        try {
            return java.security.MessageDigest.getInstance("SHA-256")
                    .digest(text.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void whatIsWantedIsAttachedOnce() {
        wanted.put("v", wanted(VOLUME));
        assertEquals(List.of(wanted(VOLUME)), plan().attach());
        attachments.add(attachment(false));
        assertTrue(plan().attach().isEmpty());
        assertTrue(plan().reported().isEmpty());
        attachments.set(0, attachment(true));
        assertEquals(Set.of(IN_NODE), plan().reported());
        assertTrue(plan().detach().isEmpty());
    }

    @Test
    void whatAnotherNodeHasIsNotAttachedUnlessManyMayHaveIt() {
        elsewhere.add("v");
        wanted.put("v", wanted(VOLUME));
        assertEquals(List.of(wanted(VOLUME)), plan().conflicts());
        assertTrue(plan().attach().isEmpty());
        for (PersistentVolume shared :
                List.of(volume("ReadWriteOnce", "ReadWriteMany"), volume("ReadOnlyMany"), volume())) {
            wanted.put("v", wanted(shared));
            assertEquals(List.of(wanted(shared)), plan().attach());
        }
    }

    @Test
    void whatNobodyWantsAndTheNodeDoesNotUseIsDetached() {
        attachments.add(attachment(true));
        assertEquals(attachments, plan().detach());
        assertTrue(plan().reported().isEmpty());
    }

    @Test
    void whatTheNodeUsesStaysAttachedAndReported() {
        node = node("True", List.of(IN_NODE));
        attachments.add(attachment(true));
        awaited.put(attachment(true).getMetadata().getName(), NOW.minus(Duration.ofHours(1)));
        NodePlan plan = plan();
        assertTrue(plan.detach().isEmpty() && plan.force().isEmpty());
        assertEquals(Set.of(IN_NODE), plan.reported());
        assertEquals(awaited, plan.awaited());
        assertNull(plan.again());
    }

    @Test
    void aNodeThatIsNotReadyHasSixMinutes() {
        node = node("Unknown", List.of(IN_NODE));
        attachments.add(attachment(true));
        NodePlan first = plan();
        assertEquals(Duration.ofSeconds(361), first.again());
        assertEquals(NOW, first.awaited().values().iterator().next());
        String name = attachment(true).getMetadata().getName();
        awaited.put(name, NOW.minus(Duration.ofMinutes(6)));
        assertTrue(plan().force().isEmpty());
        awaited.put(name, NOW.minus(Duration.ofSeconds(361)));
        assertEquals(attachments, plan().force());
        assertTrue(plan().reported().isEmpty());
        force = false;
        assertTrue(plan().force().isEmpty());
        assertNull(plan().again());
    }

    @Test
    void aNodeThatIsGoneHasSixMinutesToo() {
        node = null;
        attachments.add(attachment(true));
        assertTrue(plan().detach().isEmpty());
        assertEquals(Duration.ofSeconds(361), plan().again());
        awaited.put(attachment(true).getMetadata().getName(), NOW.minus(Duration.ofSeconds(361)));
        assertEquals(attachments, plan().force());
    }

    @Test
    void aNodeThatIsOutOfServiceHasNone() {
        node = new NodeBuilder(node("Unknown", List.of(IN_NODE)))
                .editSpec()
                .addNewTaint()
                .withKey("node.kubernetes.io/out-of-service")
                .withEffect("NoExecute")
                .endTaint()
                .endSpec()
                .build();
        attachments.add(attachment(true));
        assertEquals(attachments, plan().force());
    }

    @Test
    void whatIsBeingDetachedIsNeitherReportedNorAttachedAgain() {
        wanted.put("v", wanted(VOLUME));
        attachments.add(new VolumeAttachmentBuilder(attachment(true))
                .editMetadata()
                .withDeletionTimestamp("2026-01-01T00:00:00Z")
                .endMetadata()
                .build());
        NodePlan plan = plan();
        assertTrue(plan.attach().isEmpty() && plan.detach().isEmpty());
        assertTrue(plan.reported().isEmpty());
    }

    @Test
    void anAttachmentOfSomebodyElseIsLeftAlone() {
        attachments.add(new VolumeAttachmentBuilder(attachment(true))
                .editMetadata()
                .withName("mine")
                .endMetadata()
                .build());
        attachments.add(new VolumeAttachmentBuilder(attachment(true))
                .editSpec()
                .withNewSource()
                .withPersistentVolumeName("unknown")
                .endSource()
                .endSpec()
                .build());
        NodePlan plan = plan();
        assertTrue(plan.detach().isEmpty() && plan.force().isEmpty());
        assertFalse(plan.reported().contains(IN_NODE));
    }
}
