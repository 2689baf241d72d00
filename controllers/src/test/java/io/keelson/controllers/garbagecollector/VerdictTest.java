package io.keelson.controllers.garbagecollector;

import static io.keelson.controllers.garbagecollector.Verdict.State.DANGLING;
import static io.keelson.controllers.garbagecollector.Verdict.State.SOLID;
import static io.keelson.controllers.garbagecollector.Verdict.State.WAITING;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.controllers.kinds.Metadata;
import io.keelson.controllers.kinds.Owner;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class VerdictTest {
    private static Owner owner(int number) {
        return new Owner("v1", "ConfigMap", "o" + number, "uid" + number, null, true);
    }

    private static Verdict verdict(List<String> finalizers, boolean hasDependents, boolean waits, Verdict.State... of) {
        List<Owner> owners = new ArrayList<>();
        for (int i = 0; i < of.length; i++) {
            owners.add(owner(i));
        }
        Metadata object = new Metadata("u", "ns", "n", "1", false, finalizers, owners);
        return Verdict.of(object, List.of(of), hasDependents, waits);
    }

    @Test
    void whatHasOnlyOwnersThatAreThereStays() {
        assertEquals(new Verdict.Keep(), verdict(List.of(), true, false));
        assertEquals(new Verdict.Keep(), verdict(List.of(), true, false, SOLID, SOLID));
    }

    @Test
    void whatHasAnOwnerThatIsThereLosesTheOthers() {
        assertEquals(new Verdict.Release(List.of(owner(1))), verdict(List.of(), true, true, DANGLING, SOLID, WAITING));
    }

    @Test
    void whatNobodyOwnsIsDeletedAsItsFinalizersSay() {
        assertEquals(new Verdict.Delete("Background", false), verdict(List.of(), true, false, DANGLING));
        assertEquals(new Verdict.Delete("Orphan", false), verdict(List.of("orphan"), true, false, DANGLING));
        assertEquals(
                new Verdict.Delete("Foreground", false), verdict(List.of("foregroundDeletion"), true, false, DANGLING));
    }

    @Test
    void whatAnOwnerWaitsForIsDeletedInTheForegroundIfItHasDependents() {
        assertEquals(new Verdict.Delete("Foreground", false), verdict(List.of(), true, false, DANGLING, WAITING));
        assertEquals(new Verdict.Delete("Foreground", true), verdict(List.of(), true, true, WAITING));
        assertEquals(new Verdict.Delete("Background", false), verdict(List.of(), false, false, WAITING));
    }

    @Test
    void onlyTheOwnersAskedForLastAreKeptAsAbsent() {
        AbsentOwners absent = new AbsentOwners();
        Identity first = Identity.of(owner(-1), "ns");
        absent.add(first);
        for (int i = 0; i < 499; i++) {
            absent.add(Identity.of(owner(i), "ns"));
        }
        assertTrue(absent.contains(first));
        absent.add(Identity.of(owner(1000), "ns"));
        assertTrue(absent.contains(first));
        assertFalse(absent.contains(Identity.of(owner(0), "ns")));
    }
}
