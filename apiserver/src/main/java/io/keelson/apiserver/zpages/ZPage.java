package io.keelson.apiserver.zpages;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** What a z-page says. Any thread. */
public interface ZPage {
    /** Of the object: {@code Statusz} for the page {@code /statusz}. */
    String kind();

    /** Puts what there is to say into an object that has its kind and its metadata. */
    void fill(ObjectNode object);

    /** The same for people, in lines. */
    String text();
}
