package io.keelson.cloud;

import java.util.List;

/** The ways to a cluster's pods. All methods throw {@link CloudException} if it cannot be done. */
public interface Routes {
    /** All routes that may concern a cluster. */
    List<Route> list(String cluster);

    /**
     * Makes a route.
     *
     * @param nameHint what its name may be made of: the Node's uid, which is the same for all routes of a node
     */
    void create(String cluster, String nameHint, Route route);

    /** Deletes a route, as {@link #list} told of it. It is well if it is gone already. */
    void delete(String cluster, Route route);
}
