package io.keelson.apiserver.cache;

/** Something that has its place by a key. */
interface Keyed {
    String key();
}
