/**
 * Plugins that hold objects to what a namespace or the cluster allows, limit ranges, growing of claims, external addresses
 * of services, and pods to what their node has and can do.
 */
@NullMarked
package io.keelson.apiserver.admission.limits;

import org.jspecify.annotations.NullMarked;
