package io.keelson.proxy.rules;

/** The maps and sets of a family's table whose elements are computed here. Addresses have four or sixteen bytes, all else four. */
public enum TableSet {
    /** address, protocol, port → number of the Service's port in the upper three bytes, flags in the lowest. */
    FRONTENDS("frontends"),
    /** number of the port with {@link Elements#CLUSTER} or {@link Elements#LOCAL} → the chain that chooses an endpoint. */
    GROUPS("groups"),
    /** group, index → address, port. */
    ENDPOINTS("endpoints"),
    /** group, address, port: endpoints that clients may keep. */
    KEPT("kept-endpoints"),
    /** address, the same address: who reaches itself needs another source. */
    HAIRPIN("hairpin"),
    /** address: of which ports that no Service has are refused. */
    CLUSTER_IPS("cluster-ips"),
    /** address, protocol, port, range of sources: who may come to a frontend that not everybody may come to. */
    SOURCES("allowed-sources"),
    /** address: those of the node that node ports are served at. */
    NODE_ADDRESSES("nodeport-addresses");

    private final String label;

    TableSet(String label) {
        this.label = label;
    }

    /** Its name in the kernel. */
    public String label() {
        return label;
    }

    /** Whether its keys are ranges: the first and the last, one behind the other. */
    public boolean isRanges() {
        return this == SOURCES;
    }
}
