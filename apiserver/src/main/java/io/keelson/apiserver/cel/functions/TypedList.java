package io.keelson.apiserver.cel.functions;

import java.util.List;

/** A list that knows of what kind its elements are, also when it has none. */
public interface TypedList extends List<Object> {
    /** What the elements of an empty list add up to. */
    Object zero();
}
