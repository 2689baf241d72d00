package io.keelson.dist.up;

import java.nio.file.Path;
import java.util.List;

/** What serves a cluster's API, with the store below it. */
interface ControlPlane extends AutoCloseable {
    /**
     * What it is to be.
     *
     * @param folder of the cluster, in which its data is
     * @param pki where keys and certificates are; those of a store of several members are in {@code etcd} below
     * @param address where the API listens
     * @param port on which port; 0 for one that is free
     * @param kubeconfig where the administrator's is written
     * @param flags further flags of the API server, or of each of them; none says where the store is
     */
    record Settings(Path folder, Path pki, String address, int port, Path kubeconfig, List<String> flags) {
        /** The folder of a store of one member, in that of the cluster. */
        static final String STORE = "store";

        /** The folder of members, in that of the cluster. */
        static final String MEMBERS = "members";

        public Settings {
            flags = List.copyOf(flags);
        }

        /** Where the data of a store of one member is. */
        Path store() {
            return folder.resolve(STORE);
        }

        /** Where that of one of several is. */
        Path members() {
            return folder.resolve(MEMBERS);
        }
    }

    /** Where clients reach it. */
    String url();

    /** What it is, for users: {@code store and API server}. */
    String description();

    /** How many of each of those who act on the API there are, one of whom is elected. */
    int copies();

    /** Ends it; what was acknowledged is on the disk. */
    @Override
    void close();
}
