package io.keelson.proxy.rules;

/**
 * The maps and sets of a family's table whose elements are computed here. Addresses have four or sixteen bytes, all
 * else four. A frontend is an address, a protocol and a port, or of a node port the protocol and the port.
 */
public enum TableSet {
    /** frontend → the chain that treats its packets: {@link ChoiceChain.Entry}. */
    FRONTENDS("frontends"),
    /** node port → the same. */
    NODE_PORTS("nodeports"),
    /** frontend, index → address, port: endpoints of the whole cluster. */
    CLUSTER_ENDPOINTS("cluster-endpoints"),
    /** node port, index → the same. */
    NODE_PORT_CLUSTER_ENDPOINTS("nodeport-cluster-endpoints"),
    /** frontend, index → address, port: endpoints of this node. */
    LOCAL_ENDPOINTS("local-endpoints"),
    /** node port, index → the same. */
    NODE_PORT_LOCAL_ENDPOINTS("nodeport-local-endpoints"),
    /** protocol, number → address, port: endpoints that clients keep. */
    KEPT_ENDPOINTS("kept-endpoints"),
    /** frontend → the chain of its {@link Denial}. */
    DENIALS("denials"),
    /** node port → the same. */
    NODE_PORT_DENIALS("nodeport-denials"),
    /** frontend: those that not everybody may come to. */
    RESTRICTED("restricted"),
    /** frontend, range of sources: who may come to one of these. */
    SOURCES("allowed-sources"),
    /** address, the same address: who reaches itself needs another source. */
    HAIRPIN("hairpin"),
    /** address: of which ports that no Service has are refused. */
    CLUSTER_IPS("cluster-ips"),
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

    /** The map of endpoints, of the node or of the cluster. */
    public static TableSet endpoints(boolean isLocal, boolean isNodePort) {
        if (isLocal) {
            return isNodePort ? NODE_PORT_LOCAL_ENDPOINTS : LOCAL_ENDPOINTS;
        }
        return isNodePort ? NODE_PORT_CLUSTER_ENDPOINTS : CLUSTER_ENDPOINTS;
    }
}
