/**
 * What a pod is made of, wherever it stands: in a pod, or in the template of a kind that makes pods. Defaults ({@link
 * io.keelson.apiserver.kinds.pod.PodDefaults}), what is wrong with a specification ({@link
 * io.keelson.apiserver.kinds.pod.PodSpecRules}, with a class for each of its parts), what may change in a pod that
 * exists ({@link io.keelson.apiserver.kinds.pod.PodUpdateRules}), and what is taken away because it is switched off ({@link
 * io.keelson.apiserver.kinds.pod.DisabledPodFields}).
 */
@NullMarked
package io.keelson.apiserver.kinds.pod;

import org.jspecify.annotations.NullMarked;
