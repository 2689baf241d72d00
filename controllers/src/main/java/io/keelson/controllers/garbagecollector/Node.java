package io.keelson.controllers.garbagecollector;

import io.keelson.controllers.kinds.Owner;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** An object in the graph, which alone changes it, under its lock. */
final class Node {
    Identity identity;
    /** Whether it was seen, and not only named by another as its owner. */
    boolean observed;

    boolean beingDeleted;
    boolean deletesDependents;
    boolean orphansDependents;
    List<Owner> owners = List.of();
    /** Which list it was in last: one that is not in the newest is gone. */
    int round;

    private Set<Node> dependents = Set.of();

    Node(Identity identity) {
        this.identity = identity;
    }

    Set<Node> dependents() {
        return dependents;
    }

    void add(Node dependent) {
        if (dependents.isEmpty()) {
            // Most objects never have any.
            dependents = new LinkedHashSet<>(4);
        }
        dependents.add(dependent);
    }

    void remove(Node dependent) {
        if (!dependents.isEmpty()) {
            dependents.remove(dependent);
        }
    }

    /** Whether one of this uid, deleted in the foreground, waits for it. */
    boolean blocks(String uid) {
        for (Owner owner : owners) {
            if (owner.uid().equals(uid) && owner.blocks()) {
                return true;
            }
        }
        return false;
    }

    /** Whether it has a dependent that it has to wait for. One that names itself does not wait for itself. */
    boolean isBlocked() {
        for (Node dependent : dependents) {
            if (dependent != this && dependent.blocks(identity.uid())) {
                return true;
            }
        }
        return false;
    }
}
