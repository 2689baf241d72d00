package io.keelson.apiserver.egress;

/** Whom this server connects to. */
public enum EgressType {
    /** Other servers beside this one: webhooks that are URLs, those of authentication, authorization and audit. */
    CONTROL_PLANE("controlplane"),
    /** The store. */
    ETCD("etcd"),
    /** Nodes, pods and Services. */
    CLUSTER("cluster");

    private final String text;

    EgressType(String text) {
        this.text = text;
    }

    /** As configurations name it. */
    public String text() {
        return text;
    }
}
