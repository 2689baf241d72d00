package io.keelson.controllers.selinuxwarning;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.SELinuxOptions;
import io.keelson.controllers.runtime.Key;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class VolumeUsesTest {
    private static final Key ONE = new Key("ns", "one");
    private static final Key TWO = new Key("ns", "two");
    private static final Key ELSEWHERE = new Key("other", "three");

    private static VolumeUses.Use mounted(String label) {
        return new VolumeUses.Use(MountedVolumes.MOUNT_OPTION, new Label(label));
    }

    private static List<String> told(List<VolumeUses.Conflict> conflicts) {
        return conflicts.stream()
                .map(each -> each.pod() + " " + each.reason() + ": " + each.message())
                .sorted()
                .toList();
    }

    @Test
    void bothPodsAreToldOfLabelsThatContradict() {
        VolumeUses uses = new VolumeUses();
        assertEquals(List.of(), uses.put(ONE, Map.of("v", mounted(":::s0:c1,c2"))));
        assertEquals(
                List.of(
                        "ns/one SELinuxLabelConflict: SELinux label \":::s0:c1,c2\" conflicts with pod two that uses the"
                                + " same volume as this pod with SELinux label \":::s0:c98,c99\". If both pods land on"
                                + " the same node, only one of them may access the volume.",
                        "ns/two SELinuxLabelConflict: SELinux label \":::s0:c98,c99\" conflicts with pod one that uses"
                                + " the same volume as this pod with SELinux label \":::s0:c1,c2\". If both pods land on"
                                + " the same node, only one of them may access the volume."),
                told(uses.put(TWO, Map.of("v", mounted(":::s0:c98,c99")))));
        uses.remove(ONE);
        assertEquals(List.of(), uses.put(TWO, Map.of("v", mounted(":::s0:c98,c99"))));
    }

    @Test
    void nobodyIsToldWhoIsInAnotherNamespace() {
        VolumeUses uses = new VolumeUses();
        uses.put(ONE, Map.of("v", mounted(":::s0:c1")));
        List<String> told =
                told(uses.put(ELSEWHERE, Map.of("v", new VolumeUses.Use(MountedVolumes.RECURSIVE, Label.NONE))));
        assertEquals(2, told.size());
        assertEquals(
                "ns/one SELinuxChangePolicyConflict: SELinuxChangePolicy \"MountOption\" conflicts with another pod that"
                        + " uses the same volume as this pod with a different SELinuxChangePolicy. If both pods land on"
                        + " the same node, only one of them may access the volume.",
                told.getFirst());
    }

    @Test
    void whatIsLeftOpenContradictsNothing() {
        Label full = new Label("system_u:system_r:container_t:s0:c1,c2");
        for (String other : List.of("", ":::s0:c1,c2", "system_u:::", "::container_t:")) {
            assertEquals(false, full.contradicts(new Label(other)), other);
            assertEquals(false, new Label(other).contradicts(full), other);
        }
        for (String other : List.of(":::s0:c1", "user_u:::", "::other_t:", ":::s0")) {
            assertEquals(true, full.contradicts(new Label(other)), other);
            assertEquals(true, new Label(other).contradicts(full), other);
        }
        assertEquals(Label.NONE, Label.of(new SELinuxOptions()));
        assertEquals(new Label(":::s0:c1"), Label.of(new SELinuxOptions("s0:c1", null, null, null)));
    }

    @Test
    void containersSayWithWhatTheyMount() {
        Pod pod = new PodBuilder()
                .withNewSpec()
                .withNewSecurityContext()
                .withSeLinuxOptions(new SELinuxOptions("s0:c1", null, null, null))
                .endSecurityContext()
                .addNewContainer()
                .addNewVolumeMount()
                .withName("both")
                .endVolumeMount()
                .addNewVolumeMount()
                .withName("data")
                .endVolumeMount()
                .endContainer()
                .addNewContainer()
                .withNewSecurityContext()
                .withSeLinuxOptions(new SELinuxOptions("s0:c2", null, null, null))
                .endSecurityContext()
                .addNewVolumeMount()
                .withName("both")
                .endVolumeMount()
                .endContainer()
                .addNewContainer()
                .withNewSecurityContext()
                .withPrivileged(true)
                .endSecurityContext()
                .addNewVolumeMount()
                .withName("root")
                .endVolumeMount()
                .endContainer()
                .endSpec()
                .build();
        assertEquals(
                Map.of(
                        "both", Set.of(new Label(":::s0:c1"), new Label(":::s0:c2")),
                        "data", Set.of(new Label(":::s0:c1"))),
                MountedVolumes.labels(pod));
        assertEquals(Map.of(), MountedVolumes.labels(new Pod()));
        Label label = new Label(":::s0:c1");
        assertEquals(new VolumeUses.Use("MountOption", label), MountedVolumes.use(pod, label, true));
        assertEquals(new VolumeUses.Use("Recursive", Label.NONE), MountedVolumes.use(pod, label, false));
        assertEquals(new VolumeUses.Use("Recursive", Label.NONE), MountedVolumes.use(pod, Label.NONE, true));
        pod.getSpec().getSecurityContext().setSeLinuxChangePolicy("Recursive");
        assertEquals(new VolumeUses.Use("Recursive", Label.NONE), MountedVolumes.use(pod, label, true));
    }

    /** Against a list of everything that is used, which is searched from its beginning. */
    @Property(tries = 200)
    void eachUserOfAVolumeIsHeldAgainstEachOther(@ForAll long seed) {
        Random random = new Random(seed);
        VolumeUses uses = new VolumeUses();
        Map<Key, Map<String, VolumeUses.Use>> all = new HashMap<>();
        for (int step = 0; step < 30; step++) {
            Key pod = new Key("ns", "pod-" + random.nextInt(5));
            if (random.nextInt(4) == 0) {
                uses.remove(pod);
                all.remove(pod);
                continue;
            }
            Map<String, VolumeUses.Use> now = new HashMap<>();
            for (int i = random.nextInt(3); i > 0; i--) {
                now.put("v" + random.nextInt(3), mounted(":::c" + random.nextInt(3)));
            }
            all.remove(pod);
            List<String> expected = new ArrayList<>();
            all.forEach((other, theirs) -> now.forEach((volume, use) -> {
                VolumeUses.Use that = theirs.get(volume);
                if (that != null && !that.equals(use)) {
                    expected.add(pod + ">" + other);
                    expected.add(other + ">" + pod);
                }
            }));
            all.put(pod, now);
            List<String> found = new ArrayList<>(uses.put(pod, now).stream()
                    .map(each -> each.pod() + ">" + each.other())
                    .toList());
            expected.sort(null);
            found.sort(null);
            assertEquals(expected, found);
        }
        all.keySet().forEach(uses::remove);
        assertEquals(0, uses.size(), "nothing is remembered of who is gone");
    }
}
