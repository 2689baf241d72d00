package io.keelson.agent.resources;

import io.keelson.agent.mounts.CgroupMounts;
import java.io.IOException;
import java.nio.file.Path;

/** A node's cgroups, for who gives the machine back. */
public final class CgroupRemains {
    private final String path;
    private final CgroupMounts mounts;

    /**
     * Those below one.
     *
     * @param path the {@link ResourceSettings#root()} of a node that has one of its own, as {@code /keelson}
     * @throws IllegalArgumentException if it is the root of all
     */
    public CgroupRemains(String path) throws IOException {
        if (!path.startsWith("/")
                || path.length() < 2
                || !Path.of(path).normalize().toString().equals(path)) {
            throw new IllegalArgumentException("\"" + path + "\" is no cgroup of a node's own");
        }
        this.path = path;
        mounts = CgroupMounts.ofMachine();
    }

    /** Whether there is anything of it in any of the trees. */
    public boolean exists() {
        return mounts.roots().stream().anyMatch(root -> CgroupFiles.KERNEL.isFolder(root.resolve(path.substring(1))));
    }

    /**
     * Takes it away with all that is in it; processes that are still there are killed. Right when repeated.
     *
     * @throws IOException if they do not end
     */
    public void remove() throws IOException, InterruptedException {
        new CgroupTree(mounts, CgroupFiles.KERNEL).remove(path);
    }
}
