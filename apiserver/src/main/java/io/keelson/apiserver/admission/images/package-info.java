/**
 * Whether the images of pods may be used, which somebody else decides: {@link
 * io.keelson.apiserver.admission.images.ImagePolicyWebhook} asks a backend with an {@code ImageReview}, as its {@link
 * io.keelson.apiserver.admission.images.ImagePolicy} says.
 */
@NullMarked
package io.keelson.apiserver.admission.images;

import org.jspecify.annotations.NullMarked;
