package io.keelson.controllers.garbagecollector;

import io.keelson.controllers.kinds.Kind;
import io.keelson.controllers.kinds.Metadata;
import io.keelson.controllers.kinds.Owner;

/**
 * Which object: as it was seen, or as somebody who names it as owner says it is.
 *
 * @param namespace empty for an object of the cluster
 */
record Identity(String apiVersion, String kind, String namespace, String name, String uid) {
    /** An object that was seen. */
    static Identity of(Kind kind, Metadata object) {
        return new Identity(kind.apiVersion(), kind.kind(), object.namespace(), object.name(), object.uid());
    }

    /** An owner that one in a namespace names. */
    static Identity of(Owner owner, String namespace) {
        return new Identity(owner.apiVersion(), owner.kind(), namespace, owner.name(), owner.uid());
    }

    Identity in(String otherNamespace) {
        return new Identity(apiVersion, kind, otherNamespace, name, uid);
    }

    /** Whether a reference says the same of it, apart from the namespace, which references do not say. */
    boolean isNamedBy(Owner owner) {
        return uid.equals(owner.uid())
                && name.equals(owner.name())
                && kind.equals(owner.kind())
                && apiVersion.equals(owner.apiVersion());
    }

    /** As events and logs have it. */
    @Override
    public String toString() {
        return "[" + apiVersion + '/' + kind + ", namespace: " + namespace + ", name: " + name + ", uid: " + uid + "]";
    }
}
