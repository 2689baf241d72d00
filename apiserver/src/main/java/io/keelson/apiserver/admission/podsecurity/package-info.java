/**
 * The Pod Security Standards: what pods of a namespace may ask of the machine they run on.
 *
 * <p>A {@link io.keelson.apiserver.admission.podsecurity.Standard} is a level in the version of some release.
 * {@link io.keelson.apiserver.admission.podsecurity.Checks} says what is against it in a pod. Which standards hold in a
 * namespace is its {@link io.keelson.apiserver.admission.podsecurity.Policy}, read from its labels;
 * {@link io.keelson.apiserver.admission.podsecurity.PodSecurity} is the plugin that holds pods to it;
 * {@link io.keelson.apiserver.admission.podsecurity.PodSecurityMetrics} counts what comes of it.
 */
@NullMarked
package io.keelson.apiserver.admission.podsecurity;

import org.jspecify.annotations.NullMarked;
