package io.keelson.controllers.garbagecollector;

import io.keelson.controllers.kinds.Kind;
import io.keelson.controllers.kinds.Metadata;
import io.keelson.controllers.kinds.Owner;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who is whose. Nodes are objects by uid; an edge leads from an owner to a dependent that names it.
 *
 * <p>Worked through: pod P names ReplicaSet R, and is seen first. R gets a node that is not observed, and R's uid comes
 * up. Then R is seen, in P's namespace: its node is observed now, and nothing more happens. Had P named it by a wrong
 * name or from another namespace, P's uid would come up. R is deleted: its node goes, R is known as absent, and P's uid
 * comes up. Had R never been there, the one who looked for it would have said so by {@link #absent}, with the same end.
 *
 * <p>All methods are quick and take one lock, under which the listener is called: it puts uids into a queue.
 */
final class Graph {
    private final Map<String, Node> nodes = new HashMap<>();
    private final AbsentOwners absent;
    private final Listener listener;
    private int rounds;

    /** Is told what may have consequences. */
    interface Listener {
        /** An object that has to be looked at. */
        void comesUp(String uid);

        /** One that is to be looked at again after a while. */
        void comesUpLater(String uid);

        /** An object that names an owner of another namespace. */
        void namesOwnerElsewhere(Identity dependent, Owner owner);
    }

    /** A picture of a node at a moment. */
    record View(
            Identity identity,
            boolean observed,
            boolean beingDeleted,
            boolean deletesDependents,
            boolean orphansDependents,
            List<Owner> owners) {}

    Graph(AbsentOwners absent, Listener listener) {
        this.absent = absent;
        this.listener = listener;
    }

    /** One object; null if none of this uid is known or named. */
    synchronized @Nullable View view(String uid) {
        Node node = nodes.get(uid);
        return node == null
                ? null
                : new View(
                        node.identity,
                        node.observed,
                        node.beingDeleted,
                        node.deletesDependents,
                        node.orphansDependents,
                        node.owners);
    }

    /**
     * Whether an owner was seen as a dependent names it, and does not wait for its dependents. It may be gone by now:
     * then the dependent comes up again when that is seen.
     */
    synchronized boolean isSolid(Owner owner, String namespace) {
        Node node = nodes.get(owner.uid());
        return node != null
                && node.observed
                && !node.deletesDependents
                && node.identity.isNamedBy(owner)
                && isFrom(node.identity, namespace);
    }

    /** Whether anybody names an object as an owner. */
    synchronized boolean hasDependents(String uid) {
        Node node = nodes.get(uid);
        return node != null && !node.dependents().isEmpty();
    }

    /** Those that name an object as an owner. */
    synchronized List<Identity> dependents(String uid) {
        List<Identity> dependents = new ArrayList<>();
        Node node = nodes.get(uid);
        if (node != null) {
            node.dependents().forEach(dependent -> dependents.add(dependent.identity));
        }
        return dependents;
    }

    /**
     * Whether an object has a dependent that waits for its own dependents: they may wait for each other in a circle.
     */
    synchronized boolean hasWaitingDependent(String uid) {
        Node node = nodes.get(uid);
        return node != null && node.dependents().stream().anyMatch(dependent -> dependent.deletesDependents);
    }

    /** Whether an object has dependents that it has to wait for. */
    synchronized boolean isBlocked(String uid) {
        Node node = nodes.get(uid);
        return node != null && node.isBlocked();
    }

    /** How many objects are known or named. */
    synchronized int size() {
        return nodes.size();
    }

    /** An object is as it was not before. */
    synchronized void changed(Kind kind, Metadata object) {
        changed(kind, object, rounds);
    }

    /** All objects of a kind; what is not among them is gone. */
    void replaced(Kind kind, List<Metadata> all) {
        int round = startRound();
        for (Metadata object : all) {
            // One at a time, so that others get in between.
            synchronized (this) {
                changed(kind, object, round);
            }
        }
        sweep(kind, round);
    }

    private synchronized int startRound() {
        return ++rounds;
    }

    private synchronized void sweep(Kind kind, int round) {
        for (Node node : ofKind(kind)) {
            if (node.round < round) {
                gone(node, node.identity);
            }
        }
    }

    private List<Node> ofKind(Kind kind) {
        return nodes.values().stream()
                .filter(node -> node.observed
                        && node.identity.kind().equals(kind.kind())
                        && node.identity.apiVersion().equals(kind.apiVersion()))
                .toList();
    }

    private void changed(Kind kind, Metadata object, int round) {
        if (object.uid().isEmpty()) {
            return;
        }
        Identity identity = Identity.of(kind, object);
        Node node = nodes.get(object.uid());
        boolean known = node != null && node.observed;
        if (node == null) {
            node = new Node(identity);
            nodes.put(object.uid(), node);
        } else if (!known) {
            observe(node, identity);
        } else {
            node.identity = identity;
        }
        node.observed = true;
        node.round = round;
        boolean deletedDependents = known && node.deletesDependents;
        boolean orphanedDependents = known && node.orphansDependents;
        node.beingDeleted = object.beingDeleted();
        node.deletesDependents = object.deletesDependents();
        node.orphansDependents = object.orphansDependents();
        changeOwners(node, object.owners());
        if (node.orphansDependents) {
            if (!orphanedDependents) {
                listener.comesUp(object.uid());
            }
        } else if (node.deletesDependents && !deletedDependents) {
            node.dependents().forEach(dependent -> listener.comesUp(dependent.identity.uid()));
            listener.comesUp(object.uid());
        }
    }

    /** One that was only named is seen: those that named it wrongly have to be looked at. */
    private void observe(Node node, Identity identity) {
        String uid = identity.uid();
        for (Node dependent : node.dependents()) {
            String from = dependent.identity.namespace();
            boolean elsewhere =
                    !identity.namespace().isEmpty() && !identity.namespace().equals(from);
            for (Owner owner : dependent.owners) {
                if (owner.uid().equals(uid) && (elsewhere || !identity.isNamedBy(owner))) {
                    if (elsewhere) {
                        listener.namesOwnerElsewhere(dependent.identity, owner);
                    }
                    listener.comesUp(dependent.identity.uid());
                }
            }
        }
        node.identity = identity;
    }

    private void changeOwners(Node node, List<Owner> owners) {
        List<Owner> before = node.owners;
        if (before.equals(owners)) {
            return;
        }
        node.owners = owners;
        Map<String, Owner> now = new HashMap<>();
        owners.forEach(owner -> now.put(owner.uid(), owner));
        Set<String> had = new HashSet<>();
        for (Owner owner : before) {
            had.add(owner.uid());
            Owner same = now.get(owner.uid());
            Node of = nodes.get(owner.uid());
            if (of == null) {
                continue;
            }
            if (same == null) {
                leave(of, node);
            }
            if (of.deletesDependents && owner.blocks() && (same == null || !same.blocks())) {
                // The owner may have waited for this one alone.
                listener.comesUp(owner.uid());
            }
        }
        boolean doubtful = false;
        for (Owner owner : owners) {
            // One that is named in another way than before is as good as a new one.
            if (!had.contains(owner.uid()) || !before.contains(owner)) {
                doubtful |= !join(node, owner);
            }
        }
        if (doubtful) {
            listener.comesUp(node.identity.uid());
        }
    }

    /** Joins a dependent to an owner; whether the owner may be as the dependent says. */
    private boolean join(Node node, Owner owner) {
        Node of = nodes.get(owner.uid());
        String from = node.identity.namespace();
        if (of == null) {
            of = new Node(Identity.of(owner, from));
            nodes.put(owner.uid(), of);
            of.add(node);
            listener.comesUp(owner.uid());
            return true;
        }
        of.add(node);
        if (of.deletesDependents) {
            // It came too late to be looked at when the deletion began.
            listener.comesUp(node.identity.uid());
        }
        if (of.observed && !isFrom(of.identity, from)) {
            listener.namesOwnerElsewhere(node.identity, owner);
            return false;
        }
        // Where one that was never seen is, is only what the first said who named it.
        boolean here = of.observed || of.identity.namespace().equals(from);
        return here && of.identity.isNamedBy(owner);
    }

    /** A dependent does not name an owner any more; one that nobody ever saw is kept only as long as it is named. */
    private void leave(Node owner, Node dependent) {
        owner.remove(dependent);
        if (!owner.observed && owner.dependents().isEmpty()) {
            nodes.remove(owner.identity.uid());
        }
    }

    /** An object is gone. */
    synchronized void deleted(Kind kind, Metadata object) {
        Node node = nodes.get(object.uid());
        if (node != null) {
            gone(node, Identity.of(kind, object));
        }
    }

    private void gone(Node node, Identity identity) {
        nodes.remove(identity.uid());
        if (!node.dependents().isEmpty()) {
            absent.add(identity);
        }
        node.dependents().forEach(dependent -> listener.comesUp(dependent.identity.uid()));
        for (Owner owner : node.owners) {
            Node of = nodes.get(owner.uid());
            if (of != null) {
                leave(of, node);
                if (of.deletesDependents) {
                    listener.comesUp(owner.uid());
                }
            }
        }
    }

    /**
     * An object of this identity was looked for and is not there. One of the same uid may be, if somebody names it
     * wrongly.
     */
    synchronized void absent(Identity identity) {
        Node node = nodes.get(identity.uid());
        if (node == null) {
            return;
        }
        List<Node> right = new ArrayList<>();
        List<Node> wrong = new ArrayList<>();
        Identity other = identity;
        for (Node dependent : node.dependents()) {
            for (Owner owner : dependent.owners) {
                if (!owner.uid().equals(identity.uid())) {
                    continue;
                }
                if (identity.isNamedBy(owner) && isFrom(identity, dependent.identity.namespace())) {
                    right.add(dependent);
                } else {
                    wrong.add(dependent);
                    other = Identity.of(owner, dependent.identity.namespace());
                }
            }
        }
        if (!node.observed && wrong.isEmpty()) {
            gone(node, identity);
            return;
        }
        absent.add(identity);
        right.forEach(dependent -> listener.comesUp(dependent.identity.uid()));
        if (!node.observed) {
            // It may be there as the others say, each of whom is looked at for itself.
            node.identity = other;
            wrong.forEach(dependent -> listener.comesUp(dependent.identity.uid()));
            listener.comesUpLater(identity.uid());
        }
    }

    /** Whether an owner can be that of an object of a namespace: it is of the same, or of the cluster. */
    private static boolean isFrom(Identity owner, String namespace) {
        return owner.namespace().isEmpty() || owner.namespace().equals(namespace);
    }

    /** A kind is not served any more. Nothing is known of its objects: those that own something are looked for. */
    synchronized void dropped(Kind kind) {
        for (Node node : ofKind(kind)) {
            changeOwners(node, List.of());
            if (node.dependents().isEmpty()) {
                nodes.remove(node.identity.uid());
            } else {
                node.observed = false;
                node.beingDeleted = false;
                node.deletesDependents = false;
                node.orphansDependents = false;
                listener.comesUp(node.identity.uid());
            }
        }
    }
}
