package io.keelson.controllers.garbagecollector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.controllers.kinds.Kind;
import io.keelson.controllers.kinds.Metadata;
import io.keelson.controllers.kinds.Owner;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class GraphTest {
    private static final Kind MAPS = new Kind("", "v1", "configmaps", "ConfigMap", true, Set.of());

    private final AbsentOwners absent = new AbsentOwners();
    private final Set<String> up = new LinkedHashSet<>();
    private final Set<String> later = new LinkedHashSet<>();
    private final List<String> elsewhere = new ArrayList<>();
    private final Graph graph = new Graph(absent, new Graph.Listener() {
        @Override
        public void comesUp(String uid) {
            up.add(uid);
        }

        @Override
        public void comesUpLater(String uid) {
            later.add(uid);
        }

        @Override
        public void namesOwnerElsewhere(Identity dependent, Owner owner) {
            elsewhere.add(dependent.uid());
        }
    });

    private static Owner owner(String uid, boolean blocks) {
        return new Owner("v1", "ConfigMap", "n" + uid, uid, null, blocks);
    }

    private static Metadata object(String namespace, String uid, boolean deleted, String finalizer, Owner... owners) {
        List<String> finalizers = finalizer.isEmpty() ? List.of() : List.of(finalizer);
        return new Metadata(uid, namespace, "n" + uid, "1", deleted, finalizers, List.of(owners));
    }

    private static Metadata object(String uid, Owner... owners) {
        return object("ns", uid, false, "", owners);
    }

    private Set<String> cameUp() {
        Set<String> came = Set.copyOf(up);
        up.clear();
        return came;
    }

    @Test
    void anOwnerThatIsNamedBeforeItIsSeenIsLookedForOnce() {
        graph.changed(MAPS, object("p", owner("r", true)));
        assertEquals(Set.of("r"), cameUp());
        assertFalse(view("r").observed());
        graph.changed(MAPS, object("r"));
        assertEquals(Set.of(), cameUp());
        assertTrue(view("r").observed());
        assertTrue(graph.isSolid(owner("r", true), "ns"));
    }

    private Graph.View view(String uid) {
        Graph.View view = graph.view(uid);
        assertNotNull(view, uid);
        return view;
    }

    @Test
    void whenAnOwnerGoesItsDependentsComeUpAndItIsKnownAsAbsent() {
        graph.changed(MAPS, object("r"));
        graph.changed(MAPS, object("p", owner("r", true)));
        graph.deleted(MAPS, object("r"));
        assertEquals(Set.of("p"), cameUp());
        assertTrue(absent.contains(Identity.of(MAPS, object("r"))));
        graph.deleted(MAPS, object("p", owner("r", true)));
        assertEquals(0, graph.size());
    }

    @Test
    void anOwnerThatNeverWasBringsUpThoseWhoNamedIt() {
        graph.changed(MAPS, object("p", owner("r", true)));
        cameUp();
        graph.absent(view("r").identity());
        assertEquals(Set.of("p"), cameUp());
        assertNull(graph.view("r"));
    }

    @Test
    void ofAnOwnerThatIsNamedInTwoWaysTheOtherOneIsKeptUntilItIsLookedFor() {
        graph.changed(MAPS, object("a", "p", false, "", owner("r", true)));
        graph.changed(MAPS, object("b", "q", false, "", owner("r", true)));
        assertEquals(Set.of("r", "q"), cameUp());
        graph.absent(view("r").identity());
        assertEquals(Set.of("p", "q"), cameUp());
        assertEquals("b", view("r").identity().namespace());
        assertEquals(Set.of("r"), later);
    }

    @Test
    void whoNamesAnOwnerOfAnotherNamespaceIsReportedInWhicheverOrderTheyAreSeen() {
        graph.changed(MAPS, object("a", "r", false, ""));
        graph.changed(MAPS, object("b", "p", false, "", owner("r", true)));
        assertEquals(List.of("p"), elsewhere);
        assertEquals(Set.of("p"), cameUp());
        graph.changed(MAPS, object("b", "q", false, "", owner("s", true)));
        cameUp();
        graph.changed(MAPS, object("a", "s", false, ""));
        assertEquals(List.of("p", "q"), elsewhere);
        assertEquals(Set.of("q"), cameUp());
    }

    @Test
    void oneThatIsDeletedInTheForegroundWaitsForThoseThatBlockIt() {
        graph.changed(MAPS, object("r"));
        graph.changed(MAPS, object("p", owner("r", true)));
        graph.changed(MAPS, object("q", owner("r", false)));
        graph.changed(MAPS, object("ns", "r", true, Metadata.FOREGROUND));
        assertEquals(Set.of("p", "q", "r"), cameUp());
        assertTrue(graph.isBlocked("r"));
        graph.changed(MAPS, object("ns", "r", true, Metadata.FOREGROUND));
        assertEquals(Set.of(), cameUp());
        graph.changed(MAPS, object("p", owner("r", false)));
        assertTrue(cameUp().contains("r"));
        assertFalse(graph.isBlocked("r"));
        graph.changed(MAPS, object("late", owner("r", true)));
        assertEquals(Set.of("late"), cameUp());
        graph.deleted(MAPS, object("late", owner("r", true)));
        assertEquals(Set.of("r"), cameUp());
    }

    @Test
    void oneThatNamesItselfDoesNotWaitForItself() {
        graph.changed(MAPS, object("ns", "r", true, Metadata.FOREGROUND, owner("r", true)));
        assertFalse(graph.isBlocked("r"));
    }

    @Test
    void orphaningComesBeforeTheForeground() {
        graph.changed(MAPS, object("p", owner("r", true)));
        cameUp();
        graph.changed(MAPS, object("ns", "r", true, Metadata.ORPHAN));
        assertEquals(Set.of("r"), cameUp());
        assertTrue(view("r").orphansDependents());
    }

    @Test
    void whatIsNotInANewListIsGone() {
        graph.changed(MAPS, object("r"));
        graph.changed(MAPS, object("p", owner("r", true)));
        graph.replaced(MAPS, List.of(object("p", owner("r", true))));
        assertEquals(Set.of("p"), cameUp());
        assertNull(graph.view("r"));
    }

    @Test
    void ofAKindThatIsNotServedAnyMoreOnlyOwnersAreKept() {
        Kind other = new Kind("example.com", "v1", "things", "Thing", true, Set.of());
        graph.changed(other, object("t"));
        graph.changed(other, object("r"));
        graph.changed(MAPS, object("p", new Owner("example.com/v1", "Thing", "nr", "r", null, null)));
        graph.dropped(other);
        assertNull(graph.view("t"));
        assertFalse(view("r").observed());
        assertEquals(Set.of("r"), cameUp());
    }

    @Property(tries = 300)
    void dependentsAreThoseThatNameAnOwnerNow(
            @ForAll @Size(max = 40) List<@IntRange(min = 0, max = 5) Integer> uids,
            @ForAll @Size(min = 40, max = 40) List<@IntRange(min = 0, max = 95) Integer> choices) {
        Map<String, Metadata> reference = new HashMap<>();
        // An object that is made again is another one: no uid comes twice.
        int[] lives = new int[6];
        for (int i = 0; i < uids.size(); i++) {
            int number = uids.get(i);
            String uid = number + "-" + lives[number];
            int choice = choices.get(i);
            if (choice >= 64) {
                Metadata last = reference.remove(uid);
                if (last != null) {
                    lives[number]++;
                    cameUp();
                    graph.deleted(MAPS, last);
                    assertTrue(up.containsAll(naming(reference, uid)));
                }
            } else {
                List<Owner> owners = new ArrayList<>();
                for (int bit = 0; bit < 6; bit++) {
                    if ((choice >> bit & 1) == 1) {
                        owners.add(owner(bit + "-" + lives[bit], bit % 2 == 0));
                    }
                }
                Metadata object = object(uid, owners.toArray(Owner[]::new));
                reference.put(uid, object);
                graph.changed(MAPS, object);
            }
            Set<String> known = new HashSet<>(reference.keySet());
            for (int bit = 0; bit < 6; bit++) {
                String owner = bit + "-" + lives[bit];
                Set<String> dependents = new HashSet<>();
                graph.dependents(owner).forEach(dependent -> dependents.add(dependent.uid()));
                assertEquals(naming(reference, owner), dependents);
                if (!dependents.isEmpty()) {
                    known.add(owner);
                }
            }
            assertEquals(known.size(), graph.size());
        }
        reference.values().forEach(object -> graph.deleted(MAPS, object));
        assertEquals(0, graph.size());
    }

    private static Set<String> naming(Map<String, Metadata> objects, String uid) {
        Set<String> naming = new HashSet<>();
        objects.forEach((name, object) -> {
            if (object.owners().stream().anyMatch(owner -> owner.uid().equals(uid))) {
                naming.add(name);
            }
        });
        return naming;
    }
}
