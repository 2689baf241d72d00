/** Who may approve and sign certificates in the name of which signer, and what may not be asked for. */
@NullMarked
package io.keelson.apiserver.admission.certificates;

import org.jspecify.annotations.NullMarked;
