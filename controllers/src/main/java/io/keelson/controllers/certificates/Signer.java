package io.keelson.controllers.certificates;

import org.jspecify.annotations.Nullable;

/** The signers that the control plane itself is. */
enum Signer {
    /** For those who speak to the API. */
    KUBE_APISERVER_CLIENT("kubernetes.io/kube-apiserver-client"),
    /** For kubelets that speak to the API. */
    KUBE_APISERVER_CLIENT_KUBELET("kubernetes.io/kube-apiserver-client-kubelet"),
    /** For kubelets that are spoken to. */
    KUBELET_SERVING("kubernetes.io/kubelet-serving"),
    /** For requests of a time when they named no signer; nothing is asked of them. */
    LEGACY_UNKNOWN("kubernetes.io/legacy-unknown");

    private final String title;

    Signer(String title) {
        this.title = title;
    }

    /** As {@code spec.signerName} has it. */
    String title() {
        return title;
    }

    /** By its name; null if it is somebody else. */
    static @Nullable Signer of(@Nullable String title) {
        for (Signer signer : values()) {
            if (signer.title.equals(title)) {
                return signer;
            }
        }
        return null;
    }
}
