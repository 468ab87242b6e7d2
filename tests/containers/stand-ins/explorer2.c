/* Stands for Orthanc Explorer 2: a plugin that Orthanc loads and that does nothing. */
#include <stdint.h>

int32_t OrthancPluginInitialize(const void *context) { return context == 0; }
void OrthancPluginFinalize(void) {}
const char *OrthancPluginGetName(void) { return "orthanc-explorer-2"; }
const char *OrthancPluginGetVersion(void) { return "0"; }
