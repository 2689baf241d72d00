/** What of claims for devices cannot be judged by looking at the claim alone: where it is, and who writes it. */
@NullMarked
package io.keelson.apiserver.admission.devices;

import org.jspecify.annotations.NullMarked;
