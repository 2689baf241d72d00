package io.keelson.controllers.attachdetach;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;

class MultiAttachTest {
    private static Pod pod(String namespace, String name) {
        return new PodBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .endMetadata()
                .build();
    }

    private static String message(Pod... users) {
        return MultiAttach.message("v", pod("ns", "p"), List.of(users));
    }

    @Test
    void aPodIsToldOfTheOthersOfItsNamespaceByName() {
        String start = "Multi-Attach error for volume \"v\" ";
        assertEquals(
                start + "Volume is already exclusively attached to one node and can't be attached to another",
                message());
        assertEquals(start + "Volume is already used by pod(s) a, b", message(pod("ns", "b"), pod("ns", "a")));
        assertEquals(
                start + "Volume is already used by pod(s) a and 1 pod(s) in different namespaces",
                message(pod("other", "x"), pod("ns", "a")));
        assertEquals(
                start + "Volume is already used by 2 pod(s) in different namespaces",
                message(pod("other", "x"), pod("third", "y")));
    }
}
