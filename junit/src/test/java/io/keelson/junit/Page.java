package io.keelson.junit;

import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Version;
import org.jspecify.annotations.Nullable;

/** A custom kind, as authors of operators write one. */
@Group("keelson.example")
@Version("v1")
public class Page extends CustomResource<Page.Spec, Page.Status> implements Namespaced {
    private static final long serialVersionUID = 1;

    /** What is wanted. */
    public static class Spec {
        public @Nullable String text;
        public @Nullable String language;
    }

    /** What there is. */
    public static class Status {
        public int letters;
        public long observedGeneration;
    }
}
